import { Annotations, ResourceProps, Token } from 'aws-cdk-lib';
import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IRepository, RepositoryBase } from 'aws-cdk-lib/aws-ecr';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BuildAndPushImageOptions, IImageRepository, PublishOptions } from './image-repository-contract';
import { LiveImage } from './lifecycle/retention';
import { chooseRoute, Obstacle } from '../image/choose-route';
import { checkImageId, checkTags, claimTags, imageIdOf } from '../image/image-names';
import { ImageSource } from '../image/image-source';
import { FurtherTags, publishByCopy, publishDirectly } from '../image/publish';
import { PublishedImage } from '../image/published-image';
import { checkBindable, checkGrantee, checkObject } from '../private/check-types';
import { isImported } from '../private/lookups';
import { checkScope, childOf } from '../private/stacks';
import { checkPattern, reject } from '../private/validation';
import { OnFindingOptions, ruleForFindings } from '../scanning/finding-rule';
import { checkScanGate } from '../scanning/scan-gate';

/**
 * Publishing, the same for repositories that we create and for imported ones.
 *
 * @internal
 */
export abstract class ImageRepositoryBase extends RepositoryBase implements IImageRepository {
  // A namespace of its own: the ids that users choose cannot collide with ours.
  private readonly images: Construct;

  constructor(scope: Construct, id: string, props: ResourceProps = {}) {
    super(scope, id, props);
    this.images = new Construct(this, 'Images');
  }

  /**
   * @param id 1 to 80 letters, digits, `-` or `_`; names the image in the construct tree and in its live tag
   * @param source where the image comes from
   * @param options further tags, the stack that publishes, the road, and what the scan of the image may find
   */
  public publish(id: string, source: ImageSource, options: PublishOptions = {}): PublishedImage {
    checkObject(this, 'options', options);
    const { tags = [], scope = this, route: wanted, scanGate } = options;
    checkImageId(this, id);
    checkTags(this, tags);
    checkBindable(this, source, {
      property: 'source', must: 'be an ImageSource', fix: 'Make one with brackets, e.g. ImageSource.directory(\'./app\').',
    });
    checkScope(this, scope, 'Give the stack that uses the image: { scope: this }.');
    if (scanGate !== undefined) checkScanGate(this, scanGate);
    claimTags(this, tags, this);
    const { direct, reason } = chooseRoute({ id, repository: this, repositoryName: this._ownName, source, scope, tags, wanted });
    const image = this.newImage(scope, id);
    const published = direct
      ? publishDirectly(image, source, this, direct, reason, scanGate)
      : publishByCopy(image, source, this, this.sorted(tags), reason, scanGate);
    if (tags.includes('latest') && !isImported(this) && !this._moves('latest')) {
      Annotations.of(this).addWarningV2('cdk-container-delivery:latest',
        'The tag latest does not move in this repository, so the next image that is published with it fails its deployment.'
        + ' Let it move with imageTagMutability: ImageTagMutability.immutableExcept(\'latest\'), or use a version.');
    }
    this._onPublished({
      id, tags, tagPrefix: published.imageTagPrefix, isPushedDirectly: direct !== undefined, hasCompanions: published.platform === undefined,
    });
    return published;
  }

  /**
   * @param directory the build context; a relative path starts at the working directory of the CDK app
   * @param options build options as in `DockerImageAsset`, several platforms, further tags, the stack that publishes, the road, and what
   *   the scan of the image may find
   */
  public buildAndPushImage(directory: string, options: BuildAndPushImageOptions = {}): PublishedImage {
    checkObject(this, 'options', options);
    const { tags, scope, route, scanGate, ...build } = options;
    return this.publish(imageIdOf(this, directory, build), ImageSource.directory(directory, build), { tags, scope, route, scanGate });
  }

  /**
   * @param id the ID of the rule in its scope
   * @param options the lowest severity, the target, and the scope of the rule
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
   */
  public onFinding(id: string, options: OnFindingOptions): Rule {
    return ruleForFindings(this, id, options);
  }

  public get registryEndpoint(): string {
    return this.registryUri;
  }

  public get loginCommand(): string {
    const password = `aws ecr get-login-password --region ${this.env.region}`;
    return `${password} | docker login --username AWS --password-stdin ${this.registryEndpoint}`;
  }

  /**
   * @param grantee who
   */
  public grantLogin(grantee: IGrantable): Grant {
    checkGrantee(this, grantee, 'Give the construct that logs in.');
    // The token is for all of the registry, so AWS demands all resources.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    return Grant.addToPrincipal({ grantee, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] });
  }

  /**
   * @param metricName its name
   * @param options period, statistic, label and so on
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-repository-metrics.html
   */
  public metric(metricName: string, options: MetricOptions = {}): Metric {
    return repositoryMetric(this, metricName, options);
  }

  /**
   * @param options period, statistic, label and so on
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-repository-metrics.html
   */
  public metricPullCount(options: MetricOptions = {}): Metric {
    checkObject(this, 'options', options);
    return this.metric('RepositoryPullCount', { statistic: 'Sum', ...options });
  }

  /**
   * The address of an image, by its tag. An image that the app names by a tag is believed to run: no lifecycle rule may reach it.
   *
   * @param tag the tag
   */
  public repositoryUriForTag(tag?: string): string {
    if (typeof tag === 'string' && !Token.isUnresolved(tag)) this._onDeployed(tag);
    return super.repositoryUriForTag(tag);
  }

  /**
   * The address of an image, by its digest. An image that the app names by a digest is believed to run. Nobody here knows its tags, so a
   * lifecycle rule beside it gives a warning.
   *
   * @param digest the digest
   */
  public repositoryUriForDigest(digest?: string): string {
    if (typeof digest === 'string' && !Token.isUnresolved(digest)) this._onDeployed(digest);
    return super.repositoryUriForDigest(digest);
  }

  /**
   * Whoever publishes into a repository that this app does not create does not make its rules either.
   *
   * @internal
   */
  protected _onPublished(_image: LiveImage): void {}

  /** @internal */
  protected _onDeployed(_tagOrDigest: string): void {}

  /**
   * The name of the repository, if this app creates it and knows it; else why not.
   *
   * @internal
   */
  protected get _ownName(): string | Obstacle {
    return {
      obstacle: 'the repository is not created by this app',
      fix: 'Create the ImageRepository in another stack of the app, or leave the route open.',
    };
  }

  /**
   * Whether a tag may move to another image. Of a repository that this app does not create, nobody here knows.
   *
   * @internal
   */
  protected _moves(_tag: string): boolean {
    return false;
  }

  /** A list that is only known at deployment can be asked nothing, and a wrong guess must not move a tag. */
  private sorted(tags: string[]): FurtherTags {
    if (Token.isUnresolved(tags)) return { fixed: tags, floating: [] };
    const moves = (tag: string) => !Token.isUnresolved(tag) && this._moves(tag);
    return { fixed: tags.filter(tag => !moves(tag)), floating: tags.filter(moves) };
  }

  /** A fresh scope for one image, below the repository or wherever the user wants it. */
  private newImage(scope: Construct, id: string): Construct {
    const folder = `ImagesOf-${this.node.path}`;
    const images = scope === this ? this.images : childOf(scope, folder) ?? new Construct(scope, folder);
    if (images.node.tryFindChild(id)) {
      reject(this, {
        property: 'id',
        must: 'be new in this repository',
        got: id,
        fix: 'buildAndPushImage makes the id from folder, file, target and platform. Use the PublishedImage that you already have, '
          + 'or publish(\'another-id\', ImageSource.directory(…)).',
      });
    }
    return new Construct(images as Construct, id);
  }
}

/** A metric of one repository, in the account and region that the repository is in. */
export function repositoryMetric(repository: IRepository, metricName: string, options: MetricOptions): Metric {
  checkPattern(repository, { property: 'metricName', value: metricName, pattern: /./, must: 'be a text', fix: 'Give the name of a metric of AWS/ECR.' });
  checkObject(repository, 'options', options);
  const { repositoryName, env, stack } = repository;
  return new Metric({
    namespace: 'AWS/ECR',
    metricName,
    dimensionsMap: { RepositoryName: repositoryName },
    account: elsewhere(env.account, stack.account),
    region: elsewhere(env.region, stack.region),
    ...options,
  });
}

/** What is not known, or goes without saying, would only be in the way of an alarm. */
function elsewhere(own: string, ofStack: string): string | undefined {
  return Token.isUnresolved(own) || own === ofStack ? undefined : own;
}
