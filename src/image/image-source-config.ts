import { DockerImageAssetOptions, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { checkTokenHost, REGISTRY_HOST, REPOSITORY_PATH } from './references';
import { checkSecret } from '../private/check-secret';
import { checkList, checkObject } from '../private/check-types';
import { isKnown } from '../private/lookups';
import { reject } from '../private/validation';

// A name, then a tag, a digest or both.
const VERSIONED = /^(.+?)(?::\w[\w.-]{0,127}|(?::\w[\w.-]{0,127})?[:@](?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))$/;

/** What a source may use to hand over its image. */
export interface ImageSourceBindOptions {
  /** Who reads the image. The source grants it what reading takes. */
  readonly reader: IGrantable;
}

/** Where an image can be read from. */
export interface ImageSourceConfig {
  /** The image to read: `host/repository:tag` or `host/repository@digest`. */
  readonly reference: string;

  /**
   * Images of further platforms. They are joined with `reference` to one index when the image is published.
   *
   * @default - none
   */
  readonly furtherPlatforms?: string[];

  /**
   * The platforms that the image is built for, e.g. `linux/arm64`.
   *
   * @default - not known
   */
  readonly platforms?: string[];

  /**
   * Whether the tag in `reference` is made of the content, so that it never means two things. What was copied from it is
   * then found again when the source is gone, as a rollback may need it.
   *
   * @default false
   */
  readonly hasContentTag?: boolean;

  /**
   * Whether others may have signed the image or attached something to it, which is then copied too.
   *
   * @default false
   */
  readonly hasReferrers?: boolean;

  /**
   * User and password for the registry, as JSON: `{"username":"…","password":"…"}`. The source lets the reader read it.
   *
   * @default - anonymous, or ECR's own credentials
   */
  readonly credentials?: ISecret;

  /**
   * The host that gets user and password in exchange for a token.
   *
   * @default - the registry's own, or the one known for it
   */
  readonly tokenHost?: string;
}

/** How one kind of source does what `ImageSource.bind` promises. */
export type ImageSourceBinder = (scope: Construct, options: ImageSourceBindOptions) => ImageSourceConfig;

/** What a registry asks for. */
export interface RegistrySourceOptions {
  /**
   * User and password, as JSON: `{"username":"…","password":"…"}`. Read when the image is copied, never at synthesis.
   *
   * @default - anonymous
   */
  readonly credentials?: ISecret;

  /**
   * The host that the registry sends to for tokens, where it is not its own: `docker-auth.elastic.co` for `docker.elastic.co`.
   * It gets user and password. Of no use without `credentials`.
   *
   * @default - the registry's own host; of Docker Hub and GitLab the one that is known for them
   * @see https://distribution.github.io/distribution/spec/auth/token/
   */
  readonly tokenHost?: string;
}

/**
 * How an image is built from a directory: everything that `DockerImageAsset` knows, and several platforms.
 *
 * `followSymlinks` decides what happens to symbolic links when CDK copies the build context. By default they stay links, as with
 * `docker build`. `SymlinkFollowMode.EXTERNAL` copies the targets of links that lead out of the directory, `ALWAYS` those of all links:
 * any file that the user who runs `cdk synth` can read may get into the image.
 *
 * The values of `buildArgs`, `buildContexts`, `cacheFrom`, `cacheTo` and `outputs` are written in clear text to the asset manifest in
 * `cdk.out`. Build arguments end up in the image history too. Pass secrets with `buildSecrets`, which only names a file or a variable.
 */
export interface DirectorySourceOptions extends DockerImageAssetOptions {
  /**
   * The platforms to build for. Docker builds one image for each of them, and they are joined to one index in the repository.
   * A client that pulls the index gets the image for its own platform. Docker has to be able to build for all of the platforms, for
   * example with emulation. The image is copied, never pushed directly.
   *
   * @default - one platform: `platform`
   */
  readonly platforms?: Platform[];
}

/** What a source answers, which may be one that the user has written. */
export function checkedConfig(scope: IConstruct, config: ImageSourceConfig): ImageSourceConfig {
  checkObject(scope, 'source', config, 'Let the bind of the source answer { reference }.');
  const { reference, furtherPlatforms = [], platforms = [], credentials, tokenHost } = config;
  checkList(scope, 'source.furtherPlatforms', furtherPlatforms, 'Let the source answer with a list of references, or without it.');
  checkList(scope, 'source.platforms', platforms, 'Let the source answer with a list such as [\'linux/arm64\'], or without it.');
  [reference, ...furtherPlatforms].forEach(each => checkReference(scope, each));
  if (credentials !== undefined) {
    checkSecret(scope, 'source.credentials', credentials);
  }
  checkTokenHost(scope, tokenHost);
  return config;
}

/** As the copy function reads it: `host/repository:tag`, `host/repository@digest` or both. */
function checkReference(scope: IConstruct, value: string): void {
  const name = typeof value === 'string' ? VERSIONED.exec(value)?.[1] ?? '' : '';
  const slash = name.indexOf('/');
  const isImage = REGISTRY_HOST.test(name.slice(0, Math.max(slash, 0))) && REPOSITORY_PATH.test(name.slice(slash + 1));
  if (isKnown(value) && !isImage) {
    reject(scope, {
      property: 'source.reference', must: 'be an image, host/repository:tag or host/repository@digest', got: value,
      fix: 'Let the source answer with such a reference.',
    });
  }
}
