import { IgnoreMode, SymlinkFollowMode } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { DockerCacheOption, DockerImageAssetInvalidationOptions, DockerImageAssetOptions, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { checkLogin, checkTokenHost, REGISTRY_HOST, REPOSITORY_PATH } from './references';
import { IMAGE_BUILDER, ImageBuilder } from '../build/image-builder';
import { CLOUD_IDENTITY, CloudIdentity } from '../federation/cloud-identity';
import { isKnown } from '../private/lookups';
import { SECRET } from '../private/rules';
import { InstanceRule, ListRule, MapRule, Rules, Shape, TextRule } from '../private/shape';
import { reject } from '../private/validation';

// A name with a tag, a digest or both.
const VERSIONED = /^(.+?)(?::\w[\w.-]{0,127}|(?::\w[\w.-]{0,127})?[:@](?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))$/;

/** Options of `ImageSource.bind`. */
export interface ImageSourceBindOptions {
  /** The principal that reads the image. The source grants it the permissions. */
  readonly reader: IGrantable;
}

/** The location of an image, and how to read it. */
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
   * @default - unknown
   */
  readonly platforms?: string[];

  /**
   * The platforms to copy, if the image has several, e.g. `linux/arm64`. The destination gets an index of only these.
   *
   * @default - all
   */
  readonly selectedPlatforms?: string[];

  /**
   * Whether the tag in `reference` is a hash of the content, so that it always names the same image. If the source no longer exists, for example in a
   * rollback, the copy function then finds the image in the repository.
   *
   * @default false
   */
  readonly hasContentTag?: boolean;

  /**
   * Whether the image may have signatures or other referrers, which are then copied too.
   *
   * @default false
   */
  readonly hasReferrers?: boolean;

  /**
   * A secret with the user name and password for the registry, as JSON: `{"username":"…","password":"…"}`. The source grants the reader access to it.
   *
   * @default - anonymous, or ECR's own credentials
   */
  readonly credentials?: ISecret;

  /**
   * The identity in another cloud for the registry, instead of `credentials`. The source grants the reader its permissions.
   *
   * @default - `credentials`
   */
  readonly identity?: CloudIdentity;

  /**
   * The host that issues tokens in exchange for the user name and password.
   *
   * @default - the host of the registry, or the host that is known for it
   */
  readonly tokenHost?: string;

  /**
   * The image of this app that the CDK CLI pushes into the bootstrap repository, if the source is one.
   *
   * @internal
   */
  readonly _asset?: _AssetImage;
}

/**
 * An image in the bootstrap repository.
 *
 * @internal
 */
export interface _AssetImage {
  readonly repository: IRepository;
  readonly imageUri: string;
  readonly imageTag: string;
}

const REFERENCE: TextRule = { kind: 'text', fix: 'Return a reference such as "ghcr.io/team/web:v1".' };

/** The rules of the object that `ImageSource.bind` returns. A user can implement `ImageSource`. */
export const SOURCE_CONFIG = new Shape<ImageSourceConfig>('Return an object with a reference from bind.', {
  reference: { ...REFERENCE, required: true },
  furtherPlatforms: { kind: 'list', of: REFERENCE, fix: 'Return a list of references, or leave it out.' },
  platforms: { kind: 'list', of: { kind: 'text', fix: 'Return a platform such as "linux/arm64".' }, fix: 'Return a list such as [\'linux/arm64\'], or leave it out.' },
  selectedPlatforms: { kind: 'list', of: { kind: 'text', fix: 'Return a platform such as "linux/arm64".' }, fix: 'Return a list such as [\'linux/arm64\'], or leave it out.' },
  hasContentTag: { kind: 'boolean' },
  hasReferrers: { kind: 'boolean' },
  credentials: SECRET,
  identity: CLOUD_IDENTITY,
  tokenHost: { kind: 'other' },
  _asset: { kind: 'other' },
});

/** The implementation of `ImageSource.bind` for one kind of source. */
export type ImageSourceBinder = (scope: Construct, options: ImageSourceBindOptions) => ImageSourceConfig;

// CDK would ignore a value without `platform`, such as "linux/arm64", and build for the platform of the build machine.
const PLATFORM: InstanceRule = {
  kind: 'instance', must: 'be a Platform', properties: ['platform'], fix: 'Use Platform.LINUX_ARM64, Platform.LINUX_AMD64 or Platform.custom(\'linux/s390x\').',
};

/** Credentials for a registry, and the platforms to copy. */
export interface ImageSourceRegistryOptions {
  /**
   * A secret with the user name and password, as JSON: `{"username":"…","password":"…"}`. It is read when the image is copied, not at synthesis.
   *
   * @default - anonymous
   */
  readonly credentials?: ISecret;

  /**
   * An identity of Azure or Google, instead of `credentials`: `AzureIdentity` for hosts of `azurecr.io`, `GoogleIdentity` for hosts of Artifact Registry.
   *
   * @default - `credentials`
   */
  readonly identity?: CloudIdentity;

  /**
   * The host that issues tokens, if the registry uses another host: `docker-auth.elastic.co` for `docker.elastic.co`.
   * It receives user and password. It has no effect without `credentials`.
   *
   * @default - the host of the registry. For Docker Hub and GitLab, their token host.
   * @see https://distribution.github.io/distribution/spec/auth/token/
   */
  readonly tokenHost?: string;

  /**
   * The platforms to copy from a multi-platform image, with their attestations and signatures. The copy then reads three manifests for one
   * platform, and two for each further one. Docker Hub limits how many manifests an address may read.
   *
   * Your repository gets a new index that lists only these platforms. Therefore, `imageDigest` differs from the digest in the
   * registry, and signatures of the complete index are not copied. If the image has exactly these platforms, or is for one platform,
   * its digest stays the same. The deployment fails if the image lacks one of the platforms.
   *
   * @default - all platforms; the digest stays the same
   */
  readonly platforms?: Platform[];
}

export const REGISTRY_SOURCE = new Shape<ImageSourceRegistryOptions>('Write an object such as { credentials: secret }, or leave it out.', {
  credentials: SECRET,
  identity: CLOUD_IDENTITY,
  tokenHost: { kind: 'other' },
  platforms: { kind: 'list', of: PLATFORM, min: 1, fix: 'Write platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64], or leave it out for all of them.' },
}, {
  username: 'Store user and password in a secret, and write `credentials`.', password: 'Store user and password in a secret, and write `credentials`.',
  secret: 'Write `credentials`.', platform: 'Write `platforms`, a list. Without it, all platforms are copied.',
});

/**
 * Options of `ImageSource.directory`: those of `DockerImageAsset`, several platforms, and a remote builder.
 *
 * `followSymlinks` controls how CDK copies symbolic links in the build context. By default they stay links, as with
 * `docker build`. `SymlinkFollowMode.EXTERNAL` copies the targets of links that lead out of the directory, `ALWAYS` those of all links.
 * Then any file that the user of `cdk synth` can read may get into the image.
 *
 * A local directory in `buildContexts` is copied into the output of the synthesis, and its content is part of the hash. A relative path starts at the
 * directory of the build or, if there is nothing, at the working directory of the CDK app. `outputs` must leave an image in Docker, as `type=docker` does.
 *
 * The values of `buildArgs`, `buildContexts`, `cacheFrom`, `cacheTo` and `outputs` are written in clear text to the asset manifest in
 * `cdk.out`. Build arguments are also in the image history. Pass secrets with `buildSecrets`, which only names a file or a variable.
 */
export interface ImageSourceDirectoryOptions extends DockerImageAssetOptions {
  /**
   * The platforms to build for. Docker builds one image per platform, and they are joined to one index in the repository.
   * A client that pulls the index gets the image for its platform. Docker must be able to build for all of the platforms, for
   * example with emulation. The image is copied, never pushed directly.
   *
   * @default - one platform: `platform`
   */
  readonly platforms?: Platform[];

  /**
   * A remote builder. With `ImageBuilder.codeBuild()`, CodeBuild builds the image during the deployment and pushes it directly into the repository.
   * `cdk deploy` then needs no Docker. Platforms are built in parallel, each on a machine of its CPU architecture.
   *
   * `buildArgs` may then be tokens. Publishing throws for `buildSsh`, `buildSecrets` (use the `secrets` of the builder), `outputs` that write files,
   * and platforms other than `linux/amd64` and `linux/arm64`.
   *
   * @default - Docker on the machine that runs `cdk deploy` builds the image
   */
  readonly builder?: ImageBuilder;
}

/** Options of `ImageSource.tarball`. */
export interface ImageSourceTarballOptions {
  /**
   * The name of the image, e.g. `web:latest`, or its ID. Required if the archive has several images.
   *
   * @default - the only image
   */
  readonly image?: string;

  /**
   * The platform of the image. Required if the archive has an image for several platforms. To publish all of them, join one
   * source for each with `ImageSource.platforms`.
   *
   * @default - the platform in the archive
   */
  readonly platform?: Platform;
}

// URLs of Git repositories are rejected, because they may contain a password.
const PATH = /^(?!\w+:\/\/)[^]/;

export const DIRECTORY: TextRule & { readonly required: true } = {
  kind: 'text', required: true, pattern: PATH, must: 'be a path', fix: 'Write the path of the directory with the Dockerfile.',
};

const text = (fix: string): TextRule => ({ kind: 'text', fix });
const texts = (fix: string): ListRule => ({ kind: 'list', of: text(fix), fix });
const textMap = (fix: string): MapRule => ({ kind: 'map', of: text(fix), fix });

export const CACHE = new Shape<DockerCacheOption>('Write an object such as { type: \'registry\', params: { ref: \'…\' } }.', {
  type: { kind: 'text', required: true, fix: 'Write the type of the cache, e.g. "registry".' },
  params: textMap('Write an object such as { ref: \'…\' }.'),
});

export const INVALIDATION = new Shape<DockerImageAssetInvalidationOptions>('Write an object such as { buildArgs: false }.', {
  extraHash: { kind: 'boolean' }, buildArgs: { kind: 'boolean' }, buildContexts: { kind: 'boolean' }, buildSecrets: { kind: 'boolean' },
  buildSsh: { kind: 'boolean' }, target: { kind: 'boolean' }, file: { kind: 'boolean' }, repositoryName: { kind: 'boolean' },
  networkMode: { kind: 'boolean' }, platform: { kind: 'boolean' }, outputs: { kind: 'boolean' },
});

export const DIRECTORY_RULES: Rules<ImageSourceDirectoryOptions> = {
  buildArgs: textMap('Write an object such as { NODE_VERSION: \'24\' }.'),
  buildContexts: textMap('Write an object such as { base: \'../base\' }.'),
  buildSecrets: textMap('Write an object such as { token: DockerBuildSecret.fromSrc(\'token.txt\') }.'),
  buildSsh: text('Write a string such as "default".'),
  target: text('Write the name of a stage of the Dockerfile.'),
  file: { kind: 'text', pattern: PATH, must: 'be a path', fix: 'Write the path of the Dockerfile, relative to the directory.' },
  networkMode: { kind: 'instance', must: 'be a NetworkMode', properties: ['mode'], fix: 'Use a value such as NetworkMode.HOST.' },
  platform: PLATFORM,
  platforms: { kind: 'list', of: PLATFORM, fix: 'Write platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64].' },
  invalidation: { kind: 'struct', shape: INVALIDATION },
  outputs: texts('Write outputs: [\'type=docker\'].'),
  assetName: text('Write the name of the asset.'),
  cacheFrom: { kind: 'list', of: { kind: 'struct', shape: CACHE }, fix: 'Write cacheFrom: [{ type: \'registry\', params: { ref: \'…\' } }].' },
  cacheTo: { kind: 'struct', shape: CACHE },
  cacheDisabled: { kind: 'boolean' },
  displayName: text('Write a name for the output of the CDK CLI.'),
  exclude: texts('Write exclude: [\'node_modules\'].'),
  ignoreMode: { kind: 'enum', values: Object.values(IgnoreMode), must: 'be an IgnoreMode', fix: 'Use a value such as IgnoreMode.DOCKER.' },
  followSymlinks: { kind: 'enum', values: Object.values(SymlinkFollowMode), must: 'be a SymlinkFollowMode', fix: 'Use a value such as SymlinkFollowMode.NEVER.' },
  extraHash: text('Write a string.'),
  builder: IMAGE_BUILDER,
};

export const TARBALL_SOURCE = new Shape<ImageSourceTarballOptions>('Write an object such as { image: \'web:latest\' }, or leave it out.', {
  image: text('Write the name of an image in the archive, e.g. "web:latest".'),
  platform: PLATFORM,
}, { name: 'Write `image`.', tag: 'Write `image`, the name with the tag.', platforms: 'Write ImageSource.platforms with one source for each platform.' });

/** Option names of the Docker CLI and of older versions of aws-cdk, with the fix for each. */
export const DIRECTORY_REPLACEMENTS = {
  directory: 'The directory is the argument before the options.', dockerfile: 'Write `file`.', buildArg: 'Write `buildArgs`.', secrets: 'Write `buildSecrets`.',
  follow: 'Write `followSymlinks`.', noCache: 'Write `cacheDisabled: true`.', repositoryName: 'The image goes into the repository that publishes it. Leave it out.',
};

export const DIRECTORY_SOURCE = new Shape<ImageSourceDirectoryOptions>('Write an object such as { target: \'web\' }, or leave it out.', DIRECTORY_RULES, {
  ...DIRECTORY_REPLACEMENTS,
  ...Object.fromEntries(['tags', 'scope', 'route', 'scanGate'].map(name => [name, `Write \`${name}\` in the options of \`publish\`.`])),
});

/** Checks the object that a source returns. */
export function checkedConfig(scope: IConstruct, config: ImageSourceConfig): ImageSourceConfig {
  SOURCE_CONFIG.check(scope, 'source', config);
  const { reference, furtherPlatforms = [], credentials, identity, tokenHost } = config;
  [reference, ...furtherPlatforms].forEach(each => checkReference(scope, each));
  checkTokenHost(scope, tokenHost);
  checkLogin(scope, 'source.', { credentials, identity });
  return config;
}

/** Checks a reference as the copy function reads it: `host/repository:tag`, `host/repository@digest` or both. */
function checkReference(scope: IConstruct, value: string): void {
  const name = VERSIONED.exec(value)?.[1] ?? '';
  const slash = name.indexOf('/');
  const isImage = REGISTRY_HOST.test(name.slice(0, Math.max(slash, 0))) && REPOSITORY_PATH.test(name.slice(slash + 1));
  if (isKnown(value) && !isImage) {
    reject(scope, {
      property: 'source.reference', must: 'be an image, host/repository:tag or host/repository@digest', got: value,
      fix: 'Return such a reference from bind.',
    });
  }
}
