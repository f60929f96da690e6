import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ImageRoute } from '../image/choose-route';
import { ImageSource } from '../image/image-source';
import { DirectorySourceOptions } from '../image/image-source-config';
import { PublishedImage } from '../image/published-image';
import { OnFindingOptions } from '../scanning/finding-rule';
import { ScanGate } from '../scanning/scan-gate';

/** How an image is published. */
export interface PublishOptions {
  /**
   * Tags for people to find the image by, beside the `live-…` tag that every published image gets.
   *
   * A tag does not move: when it already names another image of the repository, the deployment fails before anything is uploaded.
   *
   * A tag that the `imageTagMutability` of the repository lets move is taken over from the other image whenever this image changes. A tag that
   * is only known at deployment is never taken over. In an imported repository no tag is.
   *
   * An image with tags of your own is copied, never pushed directly.
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

  /**
   * What the scan of the image may find. Whatever uses the image waits for it. When the scan finds more, the deployment fails before
   * anything that uses the image changes.
   *
   * By then the image is in the repository, with its tags. CloudFormation changes other resources meanwhile, and takes that back.
   *
   * @default - the image is used whatever its scan finds
   */
  readonly scanGate?: ScanGate;
}

/** How an image is built and published: everything that `DockerImageAsset` knows, several platforms, tags, scope, route and scan gate. */
export interface BuildAndPushImageOptions extends DirectorySourceOptions, PublishOptions {}

/** A repository that images can be published into. */
export interface IImageRepository extends IRepository {
  /**
   * The host of the registry, without `https://`: `111122223333.dkr.ecr.eu-west-1.amazonaws.com`.
   *
   * @attribute
   */
  readonly registryEndpoint: string;

  /**
   * The command that logs Docker in to the registry, for whoever has the AWS CLI and the permission of `grantLogin`. There is no
   * password in it, so it may be an output: the AWS CLI asks for one when the command runs.
   *
   * @attribute
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
   */
  readonly loginCommand: string;

  /**
   * Let somebody log in to the registry. `grantPull` and `grantPush` do so too.
   *
   * Whoever is logged in can do nothing yet: what may be pulled or pushed is granted for each repository.
   *
   * @param grantee who
   */
  grantLogin(grantee: IGrantable): Grant;

  /**
   * A CloudWatch metric of this repository: namespace `AWS/ECR`, dimension `RepositoryName`.
   *
   * For what ECR may add later: today it has `RepositoryPullCount` alone. API calls and quotas are counted for the
   * account as a whole, in the namespace `AWS/Usage`.
   *
   * @param metricName its name
   * @param options period, statistic, label and so on
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-repository-metrics.html
   */
  metric(metricName: string, options?: MetricOptions): Metric;

  /**
   * How many images were pulled from this repository. The sum, unless `options` asks for another statistic.
   *
   * @param options period, statistic, label and so on
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-repository-metrics.html
   */
  metricPullCount(options?: MetricOptions): Metric;

  /**
   * Put an image into this repository when the app is deployed.
   *
   * Throws when the id or a tag is malformed or used already, when the source is none or not fit for what is asked, when the scope is in
   * no stack, when the scan gate is none or malformed, and when the route that is asked for cannot be taken.
   *
   * @param id 1 to 80 letters, digits, `-` or `_`; names the image in the construct tree and in its live tag
   * @param source where the image comes from
   * @param options further tags, the stack that publishes, the road, and what the scan of the image may find
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
   * the repository already, when the scope is in no stack, when the scan gate is none or malformed, and when the route that is asked for
   * cannot be taken.
   *
   * @param directory the build context; a relative path starts at the working directory of the CDK app
   * @param options build options as in `DockerImageAsset`, several platforms, further tags, the stack that publishes, the road, and what
   *   the scan of the image may find
   */
  buildAndPushImage(directory: string, options?: BuildAndPushImageOptions): PublishedImage;

  /**
   * Send scan findings to a target. Basic scanning sends one event per scan that has findings of the given severity or worse.
   * Enhanced scanning sends one event per finding, also long after the push.
   *
   * EventBridge delivers the events in the account and region of the repository, so the rule must be there: in the stack of the repository,
   * or in the stack of `scope`. For a target in another stack, pass that stack as `scope`.
   *
   * Throws if the severity, the target or the scope is invalid, and if the stack of the rule is in another account or region than the
   * repository.
   *
   * @param id the ID of the rule in its scope
   * @param options the lowest severity, the target, and the scope of the rule
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
   */
  onFinding(id: string, options: OnFindingOptions): Rule;
}
