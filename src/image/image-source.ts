import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { DirectorySourceOptions, ImageSourceBinder, ImageSourceBindOptions, ImageSourceConfig, RegistrySourceOptions } from './image-source-config';
import { assetSource, tarballSource } from './sources/asset-sources';
import { directorySource } from './sources/directory-source';
import { platformsSource } from './sources/platforms-source';
import { ecrSource, registrySource } from './sources/registry-sources';
import { InstanceRule } from '../private/shape';

const NOT_BUILT = 'the image is not built by this app';
const SEVERAL = 'the image is for several platforms, which are joined when it is deployed';
const BUILT_ALREADY = 'a DockerImageAsset of this app has its place in the bootstrap repository already';

/** A value that must be an image source. */
export const IMAGE_SOURCE: InstanceRule = {
  kind: 'instance', must: 'be an ImageSource', methods: ['bind'], fix: 'Call the factory, e.g. ImageSource.directory(\'./app\').',
};

/**
 * Where an image comes from.
 *
 * One source may be published into several repositories.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/images.html
 */
export abstract class ImageSource {
  /**
   * Build an image from a directory with a Dockerfile.
   *
   * Docker builds the image where `cdk deploy` runs. A relative path starts at the working directory of the CDK app.
   * Publishing throws when the directory or the Dockerfile is missing.
   *
   * The build gets the same files as `docker build`: symbolic links stay links, so nothing outside of the directory gets into the image.
   * The Dockerfile itself may be a link to a file outside of it. See `DirectorySourceOptions` for `followSymlinks`.
   *
   * Synthesis warns about files in the directory that often hold secrets, e.g. `.env`, `id_rsa` and `.git`, and about build options
   * that look like secrets, e.g. the build argument `NPM_TOKEN`. Dependencies in `node_modules` and `site-packages` are not looked at.
   * Each warning names the id by which you can acknowledge it.
   *
   * @param directory the build context
   * @param options everything that `DockerImageAsset` knows: build arguments, secrets, target, caches and so on.
   *   The default `platform` is `linux/amd64` on every machine, because that is the default of Fargate and Lambda.
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ecr_assets.DockerImageAsset.html
   */
  public static directory(directory: string, options: DirectorySourceOptions = {}): ImageSource {
    // From JavaScript the options may be `null`; what is wrong is told when the scope is known.
    return new BoundSource(directorySource(directory, options), options?.platforms === undefined ? undefined : SEVERAL);
  }

  /**
   * One image of several, each for another platform: joined to an index when it is published. No layer is touched for that.
   *
   * For images that are built apart, on a machine of each platform. Publishing throws with fewer than two sources, when
   * two are known to be for the same platform, and for images of registries that ask for credentials.
   *
   * @param sources images that this app builds or loads, images in ECR, or public ones
   * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
   */
  public static platforms(sources: ImageSource[]): ImageSource {
    return new BoundSource(platformsSource(sources), SEVERAL);
  }

  /**
   * An image that `docker save` has written into a file.
   *
   * Docker loads it where `cdk deploy` runs. Nobody here can tell for which platform it was built. Publishing throws when
   * the file is missing.
   *
   * @param tarballFile the file; a relative path starts at the working directory of the CDK app
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ecr_assets.TarballImageAsset.html
   */
  public static tarball(tarballFile: string): ImageSource {
    return new BoundSource(tarballSource(tarballFile));
  }

  /**
   * An image that the app already builds.
   *
   * Give the asset a `platform`: without one, Docker builds for the machine that it runs on.
   *
   * CDK has copied the build context when the asset is passed here. By default, CDK replaces links that lead out of the directory with
   * their targets. Synthesis warns about such links and about the same secrets as `ImageSource.directory`. To keep the links, create the
   * asset with `followSymlinks: SymlinkFollowMode.NEVER`.
   *
   * @param asset an image in the bootstrap repository
   */
  public static asset(asset: DockerImageAsset): ImageSource {
    return new BoundSource(assetSource(asset), BUILT_ALREADY);
  }

  /**
   * An image that is already in an ECR repository, for example one that an earlier stage built and tested.
   *
   * Publishing throws when `tagOrDigest` is neither a tag nor a digest. A repository of another account has to
   * allow the role of the copy function to pull, in its own policy.
   *
   * @param repository the repository that holds the image, in the same AWS partition
   * @param tagOrDigest which image. A digest is exact. A tag is looked up when the image is published;
   *   moving it later publishes nothing.
   */
  public static ecr(repository: IRepository, tagOrDigest: string): ImageSource {
    return new BoundSource(ecrSource(repository, tagOrDigest), NOT_BUILT);
  }

  /**
   * An image of any OCI registry, public or private: mirrored into your repository.
   *
   * Publishing throws when `reference` is not an image, or `tokenHost` no host. Images for several platforms are mirrored whole.
   * Registries that ask for a client certificate, or are at private addresses, cannot be read from.
   *
   * @param reference which image, as for `docker pull`: `nginx:1.27`, `ghcr.io/team/web:v1`, `quay.io/team/web@sha256:…`.
   *   A tag is looked up when the image is published; moving it later publishes nothing.
   * @param options credentials of a private registry, and who gives its tokens
   */
  public static registry(reference: string, options: RegistrySourceOptions = {}): ImageSource {
    return new BoundSource(registrySource(reference, options), NOT_BUILT);
  }

  /**
   * Why binding creates no image asset that may as well be pushed elsewhere than into the bootstrap repository.
   *
   * @internal
   */
  public get _whyNotPushed(): string | undefined {
    return NOT_BUILT;
  }

  /**
   * Create what the source needs and let the reader read it.
   *
   * Called by the repository, once for each scope.
   *
   * @param scope a fresh scope that belongs to this image alone
   * @param options who reads the image
   */
  public abstract bind(scope: Construct, options: ImageSourceBindOptions): ImageSourceConfig;
}

class BoundSource extends ImageSource {
  constructor(private readonly binder: ImageSourceBinder, private readonly whyNotPushed?: string) {
    super();
  }

  public get _whyNotPushed(): string | undefined {
    return this.whyNotPushed;
  }

  public bind(scope: Construct, options: ImageSourceBindOptions): ImageSourceConfig {
    return this.binder(scope, options);
  }
}
