import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ImageRoute } from '../image/choose-route';
import { TAGS } from '../image/image-names';
import { ImageSource } from '../image/image-source';
import { DIRECTORY_REPLACEMENTS, DIRECTORY_RULES, ImageSourceDirectoryOptions } from '../image/image-source-config';
import { PublishedImage } from '../image/published-image';
import { Rules, Shape } from '../private/shape';
import { OnFindingOptions } from '../scanning/finding-rule';
import { SCAN_GATE, ScanGate } from '../scanning/scan-gate';

/** Options for publishing an image. */
export interface PublishOptions {
  /**
   * Further tags of the image. Every published image also gets a `live-…` tag.
   *
   * A tag does not move: if another image of the repository has it, the deployment fails before anything is uploaded.
   *
   * If `imageTagMutability` lets the tag move, each new version of this image takes it from the other image. Tokens never move, and neither do
   * tags in an imported repository.
   *
   * An image with tags is copied, never pushed directly.
   *
   * @default - no further tags
   */
  readonly tags?: string[];

  /**
   * The construct that the image belongs to. Its stack publishes the image. If the repository is in another stack, pass the stack that
   * uses the image.
   *
   * @default - the repository
   */
  readonly scope?: Construct;

  /**
   * The route of the image into the repository. Publishing throws if the route is not possible.
   *
   * @default - build if the image has a `builder`, otherwise direct if possible, otherwise copy
   */
  readonly route?: ImageRoute;

  /**
   * The scan findings that fail the deployment. Constructs that use the image wait for the scan. If the gate fails, the deployment fails
   * before a resource that uses the image changes.
   *
   * At that time, the image and its tags are already in the repository. CloudFormation may have changed resources that do not use the image,
   * and rolls them back.
   *
   * @default - no gate
   */
  readonly scanGate?: ScanGate;
}

const PUBLISH_RULES: Rules<PublishOptions> = {
  tags: TAGS,
  scope: { kind: 'other' },
  route: { kind: 'enum', values: [ImageRoute.DIRECT, ImageRoute.COPY, ImageRoute.BUILD], must: 'be ImageRoute.DIRECT, ImageRoute.COPY or ImageRoute.BUILD', fix: 'Use one of them, or leave it out.' },
  scanGate: SCAN_GATE,
};

const PUBLISH_REPLACEMENTS = { tag: 'Write `tags`, a list.', imageTag: 'Write `tags`, a list.', imageTags: 'Write `tags`.', stack: 'Write `scope`.' };

export const PUBLISH = new Shape<PublishOptions>('Write an object such as { scope: this }, or leave it out.', PUBLISH_RULES, {
  ...PUBLISH_REPLACEMENTS, platform: 'Write it in the options of `ImageSource.directory`.', buildArgs: 'Write it in the options of `ImageSource.directory`.',
});

/** Options for building and publishing an image: those of `DockerImageAsset`, several platforms, tags, scope, route and scan gate. */
export interface BuildAndPushImageOptions extends ImageSourceDirectoryOptions, PublishOptions {}

export const BUILD_AND_PUSH = new Shape<BuildAndPushImageOptions>('Write an object such as { scope: this }, or leave it out.', {
  ...DIRECTORY_RULES, ...PUBLISH_RULES,
}, { ...DIRECTORY_REPLACEMENTS, ...PUBLISH_REPLACEMENTS });

/** A repository that images can be published into. */
export interface IImageRepository extends IRepository {
  /**
   * The host of the registry, without `https://`: `111122223333.dkr.ecr.eu-west-1.amazonaws.com`.
   *
   * @attribute
   */
  readonly registryEndpoint: string;

  /**
   * The command that logs Docker in to the registry. It needs the AWS CLI and the permission of `grantLogin`. It contains no password, so it
   * can be an output: the AWS CLI gets the password when the command runs.
   *
   * @attribute
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
   */
  readonly loginCommand: string;

  /**
   * Grant the permission to log in to the registry. `grantPull` and `grantPush` include it.
   *
   * The login alone allows nothing. Grant pull and push for each repository.
   *
   * @param grantee the principal
   */
  grantLogin(grantee: IGrantable): Grant;

  /**
   * A CloudWatch metric of this repository: namespace `AWS/ECR`, dimension `RepositoryName`.
   *
   * Use it for metrics that ECR adds later. Today, `RepositoryPullCount` is the only one. API calls and quotas are counted for the
   * whole account, in the namespace `AWS/Usage`.
   *
   * @param metricName the name of the metric
   * @param options period, statistic, label and so on
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-repository-metrics.html
   */
  metric(metricName: string, options?: MetricOptions): Metric;

  /**
   * The number of pulls from this repository. By default, the statistic is the sum.
   *
   * @param options period, statistic, label and so on
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-repository-metrics.html
   */
  metricPullCount(options?: MetricOptions): Metric;

  /**
   * Publish an image into this repository during the deployment.
   *
   * Throws if the ID or a tag is malformed or already used, if the source is invalid, if the scope is not in a stack, if the scan gate
   * is invalid, and if the requested route is not possible.
   *
   * @param id 1 to 80 letters, digits, `-` or `_`; names the image in the construct tree and in its live tag
   * @param source the source of the image
   * @param options further tags, the scope, the route and the scan gate
   */
  publish(id: string, source: ImageSource, options?: PublishOptions): PublishedImage;

  /**
   * Build an image from a directory with a Dockerfile and publish it into this repository during the deployment.
   *
   * Short for `publish` with `ImageSource.directory`. The ID consists of the last part of the directory, `file`, `target` and `platform`, so
   * two targets of one Dockerfile are two images. If two images would get the same ID, use `publish`.
   *
   * Throws if the directory or the Dockerfile is missing, if a tag is malformed or already used, if the same image is published twice,
   * if the scope is not in a stack, if the scan gate is invalid, and if the requested route is not possible.
   *
   * @param directory the build context; a relative path starts at the working directory of the CDK app
   * @param options build options as in `DockerImageAsset`, several platforms, further tags, the scope, the route and the scan gate
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
