import { Token } from 'aws-cdk-lib';
import { IGrantable, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, CodeConfig, DockerImageCode } from 'aws-cdk-lib/aws-lambda';
import { Construct, IConstruct } from 'constructs';
import { CheckableImage, checked, isChecked } from './gates';
import { isBuiltFor } from './platform-names';
import { ImageCheck } from '../image-check/image-check';
import { functionArns, LAMBDA_SERVICE, SOURCE_ARN } from '../private/permissions';
import { Shape } from '../private/shape';
import { reject } from '../private/validation';

/** The parts of a published image that Lambda code needs. */
export interface LambdaImage extends CheckableImage {
  /** @default - not known */
  readonly platforms?: string[];
  readonly imageUri: string;
  _grantPull(grantee: IGrantable): unknown;
}

const ARCHITECTURES: Readonly<Record<string, 'amd64' | 'arm64'>> = { [Architecture.X86_64.name]: 'amd64', [Architecture.ARM_64.name]: 'arm64' };

/** Converts an image to the code of a function. */
export function lambdaCodeOf(scope: IConstruct, image: LambdaImage, options: ToLambdaCodeOptions): DockerImageCode {
  LAMBDA_CODE.check(scope, '', options, 'options');
  const { platforms } = image;
  if (platforms !== undefined && platforms.length > 1 && !isChecked(image, options.imageCheck)) {
    reject(scope, {
      property: 'platforms', must: 'be one platform, because Lambda does not support multi-platform images', got: platforms,
      fix: 'Publish another image for the function, with one platform, or have the right one chosen: toLambdaCode({ imageCheck: ImageCheck.beforeDeployment() }).',
    });
  }
  return new LambdaImageCode(image, options);
}

/** The code of a function. The architecture is known when the function binds the code. */
class LambdaImageCode extends DockerImageCode {
  constructor(private readonly image: LambdaImage, private readonly options: ToLambdaCodeOptions) {
    super();
  }

  /** @internal */
  public _bind(architecture: Architecture = Architecture.X86_64): Code {
    return new CodeOfImage(this.image, this.options, architecture);
  }
}

class CodeOfImage extends Code {
  public readonly isInline = false;

  constructor(private readonly image: LambdaImage, private readonly options: ToLambdaCodeOptions, private readonly architecture: Architecture) {
    super();
  }

  public override bind(fn: Construct): CodeConfig {
    checkPlatform(fn, this.image, this.architecture);
    const { imageCheck, cmd, entrypoint, workingDirectory } = this.options;
    const { repository } = this.image;
    const imageUri = isChecked(this.image, imageCheck) ? repository.repositoryUriForTagOrDigest(this.digestFor(fn)) : this.image.imageUri;
    // `Code.fromEcrImage` would let Lambda pull for functions of every account.
    this.image._grantPull(new ServicePrincipal(LAMBDA_SERVICE, { conditions: { StringLike: { [SOURCE_ARN]: [functionArns(fn)] } } }));
    return { image: { imageUri, cmd, entrypoint, workingDirectory } };
  }

  private digestFor(fn: Construct): string {
    return checked(new Construct(fn, 'ImageCheck'), this.image, {
      runner: 'LAMBDA', usedBy: `the function ${fn.node.path}`, architecture: this.architecture.name,
    }).imageDigest;
  }
}

/** Rejects an image for another architecture, which Lambda would deploy but could not run. */
function checkPlatform(fn: Construct, { platforms }: LambdaImage, { name }: Architecture): void {
  const wanted = ARCHITECTURES[name];
  if (Token.isUnresolved(name) || wanted === undefined || platforms === undefined || platforms.some(each => isBuiltFor(each, wanted))) return;
  const other = Object.entries(ARCHITECTURES).find(([, built]) => platforms.some(each => isBuiltFor(each, built)))?.[0];
  const constant = Object.entries({ X86_64: Architecture.X86_64, ARM_64: Architecture.ARM_64 }).find(([, each]) => each.name === other)?.[0];
  reject(fn, {
    property: 'architecture', must: `be one that the image is built for (${platforms.join(', ')})`, got: name,
    fix: constant === undefined ? `Build the image for linux/${wanted}.` : `Give the function architecture: Architecture.${constant}, or build the image for linux/${wanted}.`,
  });
}

/** Options of `PublishedImage.toLambdaCode`. */
export interface ToLambdaCodeOptions {
  /**
   * The command that Lambda runs.
   *
   * @default - the CMD of the image
   */
  readonly cmd?: string[];

  /**
   * The entry point.
   *
   * @default - the ENTRYPOINT of the image
   */
  readonly entrypoint?: string[];

  /**
   * The working directory.
   *
   * @default - the WORKDIR of the image
   */
  readonly workingDirectory?: string;

  /**
   * Whether the image is checked before the function changes.
   *
   * @default - the image is checked if it is copied or passes a scan gate. An image that is pushed directly is not checked.
   */
  readonly imageCheck?: ImageCheck;
}

export const LAMBDA_CODE = new Shape<ToLambdaCodeOptions>('Write an object such as { cmd: [\'index.handler\'] }, or leave it out.', {
  cmd: { kind: 'list', of: { kind: 'text', fix: 'Write each word as a string.' }, fix: 'Write cmd: [\'index.handler\'].' },
  entrypoint: { kind: 'list', of: { kind: 'text', fix: 'Write each word as a string.' }, fix: 'Write entrypoint: [\'/bin/sh\'].' },
  workingDirectory: { kind: 'text', fix: 'Write the path of a directory in the image.' },
  imageCheck: {
    kind: 'instance', must: 'be an ImageCheck', methods: ['_includesAll'], fix: 'Call the factory: ImageCheck.beforeDeployment() or ImageCheck.none().',
  },
}, {
  command: 'Write `cmd`.', tag: 'The code uses the published image. Leave it out.', tagOrDigest: 'The code uses the published image. Leave it out.',
  architecture: 'Write it in the props of the function.', handler: 'Write `cmd`.',
});
