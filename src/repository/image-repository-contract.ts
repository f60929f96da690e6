import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { ImageRoute } from '../image/image-route';
import { ImageSource } from '../image/image-source';
import { DirectorySourceOptions } from '../image/image-source-options';
import { PublishedImage } from '../image/published-image';

/** How an image is published. */
export interface PublishOptions {
  /**
   * Tags for people to find the image by, beside the `live-…` tag that every published image gets.
   *
   * Tags do not move: when a tag already names another image of the repository, the deployment fails
   * before anything is uploaded. An image with tags of your own is copied, never pushed directly.
   *
   * @default - no further tags
   */
  readonly tags?: string[];

  /**
   * The construct that the image belongs to. Its stack publishes the image: give the stack that uses it when the
   * repository lives in another stack.
   *
   * @default - the repository
   */
  readonly scope?: Construct;

  /**
   * The road on which the image gets into the repository. Publishing throws when it cannot be taken.
   *
   * @default - direct where that is possible, else by copy
   */
  readonly route?: ImageRoute;
}

/** How an image is built and published: everything that `DockerImageAsset` knows, several platforms, tags, scope and route. */
export interface BuildAndPushImageOptions extends DirectorySourceOptions, PublishOptions {}

/** A repository that images can be published into. */
export interface IImageRepository extends IRepository {
  /**
   * Put an image into this repository when the app is deployed.
   *
   * Throws when the id or a tag is malformed or used already, when the source is none or not fit for what is asked, and when
   * the route that is asked for cannot be taken.
   *
   * @param id 1 to 90 letters, digits, `-` or `_`; names the image in the construct tree and in its live tag
   * @param source where the image comes from
   * @param options further tags, the stack that publishes, and the road
   */
  publish(id: string, source: ImageSource, options?: PublishOptions): PublishedImage;

  /**
   * Build an image from a directory with a Dockerfile and put it into this repository when the app is deployed.
   *
   * Short for `publish` with `ImageSource.directory`. The id is made from the last part of the directory and
   * from `file`, `target` and `platform`, so that two targets of one Dockerfile are two images. Where that is not
   * enough to tell two images apart, use `publish`.
   *
   * Throws when the directory or the Dockerfile is missing, when a tag is malformed or used already, when the same image is in
   * the repository already, and when the route that is asked for cannot be taken.
   *
   * @param directory the build context; a relative path starts at the working directory of the CDK app
   * @param options build options as in `DockerImageAsset`, several platforms, further tags, the stack that publishes, and the road
   */
  buildAndPushImage(directory: string, options?: BuildAndPushImageOptions): PublishedImage;
}
