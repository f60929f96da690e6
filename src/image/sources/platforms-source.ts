import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';
import { checkedConfig, ImageSourceBinder, ImageSourceConfig } from '../image-source-config';
import { normalPlatform } from '../platform-names';

interface Bindable {
  readonly bind: ImageSourceBinder;
}

/** One image for several platforms. Each platform is built or read separately, and all are joined when the image is published. */
export function platformsSource(sources: readonly Bindable[]): ImageSourceBinder {
  return (scope, options) => {
    checkSources(scope, sources);
    const parts = sources.map((source, position) => {
      const part = new PlatformPart(scope, position + 1);
      return checkedConfig(part, source.bind(part, options));
    });
    checkParts(scope, parts);
    const platforms = parts.map(part => part.platforms);
    return {
      reference: parts[0].reference,
      furtherPlatforms: parts.slice(1).map(({ reference }) => reference),
      platforms: platforms.every(each => each !== undefined) ? platforms.flat() : undefined,
      hasContentTag: parts.every(part => part.hasContentTag),
      hasReferrers: parts.some(part => part.hasReferrers),
    };
  };
}

function checkSources(scope: Construct, sources: readonly Bindable[]): void {
  checkValue(scope, 'platforms', sources, {
    kind: 'list', required: true, min: 2, of: { kind: 'instance', must: 'be an ImageSource', methods: ['bind'], fix: 'Call the factory, e.g. ImageSource.directory(\'./app\').' },
    fix: 'Write ImageSource.platforms([first, second]). For one platform, use the image itself, or the option \'platform\'.',
  });
  if (new Set(sources).size < sources.length) {
    rejectTwice(scope);
  }
}

function rejectTwice(scope: Construct): never {
  reject(scope, {
    property: 'platforms', must: 'name each image once', got: 'the same image twice', fix: 'Replace it with an image of another platform.',
  });
}

/** A key for the location of an image. Two assets with the same content have the same location, although their tokens differ. */
function locationKey(scope: Construct, { reference, hasContentTag }: ImageSourceConfig): string {
  return hasContentTag ? JSON.stringify(Stack.of(scope).resolve(reference)) : reference;
}

function checkParts(scope: Construct, parts: readonly ImageSourceConfig[]): void {
  const known = parts.flatMap(({ platforms = [] }, position) => (
    platforms.map(platform => ({ platform: normalPlatform(platform), position: position + 1 }))
  ));
  const twice = known.find(({ platform }, position) => known.findIndex(each => each.platform === platform) < position);
  if (twice !== undefined) {
    const first = known.find(each => each.platform === twice.platform)?.position;
    reject(scope, {
      property: 'platforms', must: 'name each platform once', got: twice.platform,
      fix: `The images ${first} and ${twice.position} of ${parts.length} are both for it. Leave one out, or build it for another platform with \`platform\`.`,
    });
  }
  if (new Set(parts.map(part => locationKey(scope, part))).size < parts.length) {
    rejectTwice(scope);
  }
  const selected = parts.findIndex(part => part.selectedPlatforms !== undefined);
  if (selected >= 0) {
    reject(scope, {
      property: 'platforms', must: 'be images of which all platforms are used', got: `source ${selected + 1} of ${parts.length}, with a selection`,
      fix: 'Leave out the option `platforms` of ImageSource.registry, or publish that image on its own.',
    });
  }
  const unfit = parts.findIndex(part => part.credentials ?? part.furtherPlatforms);
  if (unfit >= 0) {
    reject(scope, {
      property: 'platforms', must: 'be images that can be read without credentials, and none that is joined already', got: `source ${unfit + 1} of ${parts.length}`,
      fix: 'Mirror the image first with ImageSource.registry, which copies all platforms.',
    });
  }
}

/** The scope of one platform of a multi-platform image. */
export class PlatformPart extends Construct {
  /**
   * @param image the image with all of its platforms
   * @param position the place of the platform, from 1
   */
  constructor(public readonly image: Construct, position: number) {
    super(image, `Platform${position}`);
  }
}

/** The image that a scope belongs to. Warnings are added there, so that they appear once for all platforms. */
export function imageOf(scope: Construct): Construct {
  return scope instanceof PlatformPart ? scope.image : scope;
}
