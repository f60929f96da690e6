import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, DockerImageAssetOptions } from 'aws-cdk-lib/aws-ecr-assets';
import { IImageSource } from './image-source-contract';
import { AssetSource } from './sources/asset-source';
import { DirectorySource } from './sources/directory-source';
import { EcrSource } from './sources/ecr-source';

/** The places that an image can come from. */
export class ImageSource {
  /**
   * Build an image from a directory with a Dockerfile.
   *
   * Docker builds it where `cdk deploy` runs. A relative path starts at the working directory of the CDK app.
   * Publishing throws when the directory or the Dockerfile is missing.
   *
   * @param directory the build context
   * @param options everything that `DockerImageAsset` knows: build arguments, secrets, target, caches and so on.
   *   `platform` is `linux/amd64` unless given, on whatever machine the build runs, because that is what
   *   Fargate and Lambda run unless told otherwise.
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ecr_assets.DockerImageAsset.html
   */
  public static directory(directory: string, options: DockerImageAssetOptions = {}): IImageSource {
    return new DirectorySource(directory, options);
  }

  /**
   * An image that the app already builds.
   *
   * @param asset an image in the bootstrap repository
   */
  public static asset(asset: DockerImageAsset): IImageSource {
    return new AssetSource(asset);
  }

  /**
   * An image that is already in an ECR repository, for example one that an earlier stage built and tested.
   *
   * Publishing throws when `tagOrDigest` is neither a tag nor a digest.
   *
   * @param repository the repository that holds the image, in the account and region of the destination
   * @param tagOrDigest which image. A digest is exact. A tag is looked up when the image is published;
   *   moving it later publishes nothing.
   */
  public static ecr(repository: IRepository, tagOrDigest: string): IImageSource {
    return new EcrSource(repository, tagOrDigest);
  }

  private constructor() {}
}
