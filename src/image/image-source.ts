import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import {
  ImageSourceDirectoryOptions, ImageSourceBinder, ImageSourceBindOptions, ImageSourceConfig, ImageSourceRegistryOptions, ImageSourceTarballOptions,
} from './image-source-config';
import { assetSource } from './sources/asset-sources';
import { directorySource } from './sources/directory-source';
import { platformsSource } from './sources/platforms-source';
import { ecrSource, registrySource } from './sources/registry-sources';
import { RemoteBuild, remoteBuild } from './sources/remote-source';
import { tarballSource } from './sources/tarball-source';
import { InstanceRule } from '../private/shape';
import { reject } from '../private/validation';

const NOT_BUILT = 'the image is not built by this app';
const SEVERAL = 'the image is for several platforms, which are joined when it is deployed';
const REMOTE = 'the image has a builder, which pushes it';
const BUILT_ALREADY = 'a DockerImageAsset is always pushed into the bootstrap repository';

/** A value that must be an image source. */
export const IMAGE_SOURCE: InstanceRule = {
  kind: 'instance', must: 'be an ImageSource', methods: ['bind'], fix: 'Call the factory, e.g. ImageSource.directory(\'./app\').',
};

/**
 * The source of an image.
 *
 * One source may be published into several repositories.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/images.html
 */
export abstract class ImageSource {
  /**
   * Build an image from a directory with a Dockerfile.
   *
   * Docker builds the image where `cdk deploy` runs, or CodeBuild during the deployment (`builder`). A relative path starts at the working directory of the CDK app.
   * Publishing throws when the directory or the Dockerfile is missing.
   *
   * The build gets the same files as `docker build`: symbolic links stay links, so nothing outside of the directory gets into the image.
   * The Dockerfile itself may be outside of it: `file: '../docker/Dockerfile'`. See `ImageSourceDirectoryOptions` for `followSymlinks`.
   *
   * Everything that gets into the image is part of its hash: also permissions, empty directories and local build contexts. The same tree has the same
   * hash on every machine. The write permission of the group does not count, because it depends on the umask. On Windows, there are no permissions.
   *
   * Synthesis warns about files in the directory that often hold secrets, e.g. `.env`, `id_rsa` and `.git`, and about build options
   * that look like secrets, e.g. the build argument `NPM_TOKEN`. Dependencies in `node_modules` and `site-packages` are not checked.
   * Each warning contains the ID with which you can acknowledge it.
   *
   * @param directory the build context
   * @param options all options of `DockerImageAsset`: build arguments, secrets, target, caches and so on.
   *   The default `platform` is `linux/amd64` on every machine, because that is the default of Fargate and Lambda.
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ecr_assets.DockerImageAsset.html
   */
  public static directory(directory: string, options: ImageSourceDirectoryOptions = {}): ImageSource {
    // In JavaScript, the options can be `null`. The error is reported when the scope is known.
    const builder = options?.builder;
    if (builder !== undefined) {
      return new BoundSource(notCopied, { whyNotPushed: REMOTE, remoteBuild: remoteBuild(directory, { ...options, builder }) });
    }
    return new BoundSource(directorySource(directory, options), options?.platforms === undefined ? { isAsset: true } : { whyNotPushed: SEVERAL });
  }

  /**
   * A multi-platform image from several images, each for one platform. Publishing joins them in an index, without reading layers.
   *
   * Use it for images that are built separately, on a machine of each platform. Publishing throws for fewer than two sources, for two
   * sources of the same platform, and for images of registries that require credentials.
   *
   * @param sources images that this app builds or loads, images in ECR, or public ones
   * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
   */
  public static platforms(sources: ImageSource[]): ImageSource {
    return new BoundSource(platformsSource(sources), { whyNotPushed: SEVERAL });
  }

  /**
   * An image from an archive that `docker save`, Podman, Skopeo, Buildx, kaniko, Bazel or another tool has written, in the format of Docker or OCI.
   *
   * Synthesis reads the archive, so the platform of the image is known. `docker load` (or the program in `CDK_DOCKER`) loads it where `cdk deploy` runs.
   * Publishing throws if the file is missing or not an image archive, and if it has several images and the options select none. Archives that are
   * compressed with bzip2 or xz, and with zstd on versions of Node.js that cannot read it, are first read when they are loaded.
   *
   * @param tarballFile the file; a relative path starts at the working directory of the CDK app
   * @param options the image, if the archive has several
   * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
   */
  public static tarball(tarballFile: string, options: ImageSourceTarballOptions = {}): ImageSource {
    return new BoundSource(tarballSource(tarballFile, options), { isAsset: true });
  }

  /**
   * An image that the app already builds.
   *
   * Set the `platform` of the asset. Otherwise, Docker builds for the platform of the build machine.
   *
   * CDK copies the build context when you create the asset. By default, it replaces links to targets outside of the directory with these targets.
   * Synthesis warns about such links and about the same secrets as `ImageSource.directory`. To keep the links, create the asset with
   * `followSymlinks: SymlinkFollowMode.NEVER`.
   *
   * @param asset an image in the bootstrap repository
   */
  public static asset(asset: DockerImageAsset): ImageSource {
    return new BoundSource(assetSource(asset), { whyNotPushed: BUILT_ALREADY, isAsset: true });
  }

  /**
   * An image that is already in an ECR repository, for example one that an earlier stage built and tested.
   *
   * Publishing throws if `tagOrDigest` is neither a tag nor a digest. The policy of a repository in another account must allow the role of
   * the copy function to pull.
   *
   * @param repository the repository that holds the image, in the same AWS partition
   * @param tagOrDigest the image. A digest is exact. A tag is resolved when the image is published; if it moves later, nothing is published.
   */
  public static ecr(repository: IRepository, tagOrDigest: string): ImageSource {
    return new BoundSource(ecrSource(repository, tagOrDigest), { whyNotPushed: NOT_BUILT });
  }

  /**
   * An image of a public or private OCI registry, mirrored into your repository.
   *
   * Publishing throws if `reference` is not an image reference, or `tokenHost` is not a host. Multi-platform images are mirrored with all
   * platforms, unless you select some with `platforms`.
   * Registries that require a client certificate or have private addresses are not supported.
   *
   * @param reference the image, as for `docker pull`: `nginx:1.27`, `ghcr.io/team/web:v1`, `quay.io/team/web@sha256:…`.
   *   A tag is resolved when the image is published; if it moves later, nothing is published.
   * @param options the credentials of a private registry, the host of its token service, and the platforms to mirror
   */
  public static registry(reference: string, options: ImageSourceRegistryOptions = {}): ImageSource {
    return new BoundSource(registrySource(reference, options), { whyNotPushed: NOT_BUILT });
  }

  /**
   * The reason why the image cannot be pushed directly; undefined if it can.
   *
   * @internal
   */
  public get _whyNotPushed(): string | undefined {
    return NOT_BUILT;
  }

  /**
   * Whether the CDK CLI pushes the image into the bootstrap repository, where it can run in development mode.
   *
   * @internal
   */
  public get _isAsset(): boolean {
    return false;
  }

  /**
   * The build of the image during the deployment, if another machine builds it.
   *
   * @internal
   */
  public get _remoteBuild(): RemoteBuild | undefined {
    return undefined;
  }

  /**
   * Create the resources of the source and grant the reader access.
   *
   * The repository calls this once per scope.
   *
   * @param scope a new scope for this image only
   * @param options the reader of the image
   */
  public abstract bind(scope: Construct, options: ImageSourceBindOptions): ImageSourceConfig;
}

interface SourceKind {
  readonly whyNotPushed?: string;
  /** @default false */
  readonly isAsset?: boolean;
  /** @default - the image is built or copied otherwise */
  readonly remoteBuild?: RemoteBuild;
}

class BoundSource extends ImageSource {
  constructor(private readonly binder: ImageSourceBinder, private readonly kind: SourceKind = {}) {
    super();
  }

  public get _whyNotPushed(): string | undefined {
    return this.kind.whyNotPushed;
  }

  public get _isAsset(): boolean {
    return this.kind.isAsset ?? false;
  }

  public get _remoteBuild(): RemoteBuild | undefined {
    return this.kind.remoteBuild;
  }

  public bind(scope: Construct, options: ImageSourceBindOptions): ImageSourceConfig {
    return this.binder(scope, options);
  }
}

/** The binder of an image that is built remotely. The build pushes the image, so nothing reads it. */
const notCopied: ImageSourceBinder = scope => reject(scope, {
  property: 'builder', must: 'be used in publish or buildAndPushImage, because the builder pushes the image itself', got: 'a part of another source',
  fix: 'For several platforms, write ImageSource.directory(…, { builder, platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }).',
});
