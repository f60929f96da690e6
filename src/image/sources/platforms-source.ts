import { Construct } from 'constructs';
import { reject } from '../../private/validation';
import { ImageSourceBinder, ImageSourceConfig } from '../image-source-config';

/** One image for several platforms: each is built or read on its own, and all are joined when the image is published. */
export function platformsSource(binders: readonly ImageSourceBinder[]): ImageSourceBinder {
  return (scope, options) => {
    if (binders.length < 2) {
      reject(scope, {
        property: 'platforms', must: 'be two or more', got: binders.length, cure: 'For one platform use the image itself, or the option \'platform\'.',
      });
    }
    const parts = binders.map((binder, position) => binder(new Construct(scope, `Platform${position + 1}`), options));
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

function checkParts(scope: Construct, parts: readonly ImageSourceConfig[]): void {
  const known = parts.flatMap(part => part.platforms ?? []);
  const twice = known.find((platform, position) => known.indexOf(platform) < position);
  if (twice !== undefined) {
    reject(scope, { property: 'platforms', must: 'name each platform once', got: twice, cure: 'Remove the repeated platform.' });
  }
  const unfit = parts.findIndex(part => part.credentials ?? part.furtherPlatforms);
  if (unfit >= 0) {
    reject(scope, {
      property: 'platforms', must: 'be images that can be read without credentials, and none that is joined already', got: `source ${unfit + 1} of ${parts.length}`,
      cure: 'Mirror the image first with ImageSource.registry, which takes all of its platforms.',
    });
  }
}
