import { Annotations, ResourceProps, Token } from 'aws-cdk-lib';
import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IRepository, RepositoryBase } from 'aws-cdk-lib/aws-ecr';
import { Rule as EventRule } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BUILD_AND_PUSH, BuildAndPushImageOptions, IImageRepository, PUBLISH, PublishOptions } from './image-repository-contract';
import { LiveImage } from './lifecycle/retention';
import { cacheTag } from '../build/image-build';
import { IMAGE_BUILDER, ImageBuilder } from '../build/image-builder';
import { warnInPipelines } from '../direct/pipelines';
import { ChosenRoute, chooseRoute, ImageRoute, Obstacle } from '../image/choose-route';
import { isDevelopment, warnOfDevelopment } from '../image/development-mode';
import { checkImageId, checkTags, claimTags, imageIdOf } from '../image/image-names';
import { IMAGE_SOURCE, ImageSource } from '../image/image-source';
import { FurtherTags, publishByBuild, publishByCopy, publishDirectly, useInDevelopment } from '../image/publish';
import { PublishedImage } from '../image/published-image';
import { isImported } from '../private/lookups';
import { GRANTEE } from '../private/rules';
import { checkValue, Rule } from '../private/shape';
import { checkScope, childOf, outermostStack } from '../private/stacks';
import { reject } from '../private/validation';
import { OnFindingOptions, ruleForFindings } from '../scanning/finding-rule';
import { ScanGate } from '../scanning/scan-gate';

// An options struct of aws-cdk, which checks the values itself.
const METRIC_OPTIONS: Rule = { kind: 'instance', must: 'be an object', fix: 'Write an object such as { period: Duration.hours(1) }, or leave it out.' };

/** The publishing options of the user, and development mode. */
interface PublishingChoices {
  readonly tags: string[];
  readonly scanGate?: ScanGate;
  /** Whether development mode leaves out gates and checks. */
  readonly isUnchecked: boolean;
}

/**
 * Publishing, for repositories of this app and for imported ones.
 *
 * @internal
 */
export abstract class ImageRepositoryBase extends RepositoryBase implements IImageRepository {
  // A separate scope, so that the IDs of users cannot collide with IDs of this library.
  private readonly images: Construct;

  /**
   * The counterpart of the repository in the original stack.
   *
   * @internal
   */
  public readonly _home: Construct;

  constructor(scope: Construct, id: string, props: ResourceProps = {}, home?: Construct) {
    super(scope, id, props);
    this._home = home ?? this;
    this.images = new Construct(this._home, 'Images');
  }

  /**
   * @param id 1 to 80 letters, digits, `-` or `_`; names the image in the construct tree and in its live tag
   * @param source the source of the image
   * @param options further tags, the scope, the route and the scan gate
   */
  public publish(id: string, source: ImageSource, options: PublishOptions = {}): PublishedImage {
    PUBLISH.check(this, '', options, 'options');
    const { tags = [], route: wanted, scanGate } = options;
    const scope = options.scope === undefined || options.scope === this ? this._home : options.scope;
    checkImageId(this, id);
    checkTags(this, tags);
    checkValue(this, 'source', source, { ...IMAGE_SOURCE, required: true });
    checkScope(this, scope, 'Pass the stack that uses the image: { scope: this }.');
    scanGate?._demand(this);
    const mode = isDevelopment(scope);
    const chosen = chooseRoute({ id, repository: this, repositoryName: this._ownName, source, scope, tags, wanted, isDevelopment: mode });
    claimTags(this, tags, this);
    if (chosen.direct && wanted !== ImageRoute.DIRECT) warnInPipelines(outermostStack(scope), outermostStack(this));
    const image = this.newImage(scope, id);
    const isUnchecked = mode && ![ImageRoute.COPY, ImageRoute.BUILD].includes(chosen.route);
    const published = this.published(image, source, chosen, { tags, scanGate, isUnchecked });
    if (tags.includes('latest') && !isImported(this) && !this._moves('latest')) {
      Annotations.of(this).addWarningV2('cdk-container-delivery:latest',
        'The tag latest does not move in this repository, so the next image that is published with it fails its deployment.'
        + ' Let it move with imageTagMutability: ImageTagMutability.immutableExcept(\'latest\'), or use a version.');
    }
    this._onPublished({
      id, tags, tagPrefix: published.imageTagPrefix, isPushedDirectly: chosen.direct !== undefined, hasCompanions: published.platform === undefined,
      hasReferrers: published._hasReferrers,
    });
    return published;
  }

  private published(
    image: Construct, source: ImageSource, { direct, route, reason }: ChosenRoute, { tags, scanGate, isUnchecked }: PublishingChoices,
  ): PublishedImage {
    if (isUnchecked) warnOfDevelopment(image, direct ? 'direct' : 'development');
    const { _remoteBuild: build } = source;
    if (build !== undefined) {
      this.checkBuilder(image, build.builder);
      return publishByBuild(image, build, this, this.sorted(tags), reason, scanGate);
    }
    if (route === ImageRoute.DEVELOPMENT) return useInDevelopment(image, source, this, reason);
    return direct
      ? publishDirectly(image, source, this, direct, { reason, isUnchecked, gate: isUnchecked ? undefined : scanGate })
      : publishByCopy(image, source, this, this.sorted(tags), reason, scanGate);
  }

  /**
   * @param directory the build context; a relative path starts at the working directory of the CDK app
   * @param options build options as in `DockerImageAsset`, several platforms, further tags, the scope, the route and the scan gate
   */
  public buildAndPushImage(directory: string, options: BuildAndPushImageOptions = {}): PublishedImage {
    BUILD_AND_PUSH.check(this, '', options, 'options');
    const { tags, scope, route, scanGate, ...build } = options;
    return this.publish(imageIdOf(this, directory, build), ImageSource.directory(directory, build), { tags, scope, route, scanGate });
  }

  /**
   * @param id the ID of the rule in its scope
   * @param options the lowest severity, the target, and the scope of the rule
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html
   */
  public onFinding(id: string, options: OnFindingOptions): EventRule {
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
   * @param grantee the principal
   */
  public grantLogin(grantee: IGrantable): Grant {
    checkValue(this, 'grantee', grantee, GRANTEE);
    // The token is valid for the whole registry, so AWS requires all resources.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    return Grant.addToPrincipal({ grantee, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] });
  }

  /**
   * @param metricName the name of the metric
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
    checkValue(this, 'options', options, METRIC_OPTIONS);
    return this.metric('RepositoryPullCount', { statistic: 'Sum', ...options });
  }

  /**
   * The URI of an image, by tag. The library assumes that the image runs, so no lifecycle rule may affect it.
   *
   * @param tag the tag
   */
  public repositoryUriForTag(tag?: string): string {
    if (typeof tag === 'string' && !Token.isUnresolved(tag)) this._onDeployed(tag);
    return super.repositoryUriForTag(tag);
  }

  /**
   * The URI of an image, by digest. The library assumes that the image runs. Its tags are unknown, so lifecycle rules cause a warning.
   *
   * @param digest the digest
   */
  public repositoryUriForDigest(digest?: string): string {
    if (typeof digest === 'string' && !Token.isUnresolved(digest)) this._onDeployed(digest);
    return super.repositoryUriForDigest(digest);
  }

  /**
   * Does nothing by default, because the lifecycle rules of an imported repository are not in this app.
   *
   * @internal
   */
  protected _onPublished(_image: LiveImage): void {}

  /**
   * Called when a build stores its cache in the repository. Each build leaves the previous cache without a tag.
   *
   * @internal
   */
  protected _onCached(): void {}

  /** @internal */
  protected _onDeployed(_tagOrDigest: string): void {}

  /**
   * The name of the repository if this app creates it and the name is known, otherwise the reason why not.
   *
   * @internal
   */
  protected get _ownName(): string | Obstacle {
    return {
      obstacle: 'the repository is not created by this app',
      fix: 'Create the ImageRepository in another stack of the app, or leave out the route.',
    };
  }

  /**
   * Whether a tag can move to another image. This is unknown for an imported repository.
   *
   * @internal
   */
  protected _moves(_tag: string): boolean {
    return false;
  }

  /** Separates the tags that can move from the others. Tokens count as tags that must not move. */
  private sorted(tags: string[]): FurtherTags {
    if (Token.isUnresolved(tags)) return { fixed: tags, floating: [] };
    const moves = (tag: string) => !Token.isUnresolved(tag) && this._moves(tag);
    return { fixed: tags.filter(tag => !moves(tag)), floating: tags.filter(moves) };
  }

  /** Checks the builder, and that each build can replace the cache of the previous build. */
  private checkBuilder(image: Construct, builder: ImageBuilder): void {
    checkValue(image, 'builder', builder, { ...IMAGE_BUILDER, required: true });
    builder._check(image);
    if (builder._cache() !== 'registry') return;
    const tag = cacheTag(image.node.id, 'amd64');
    if (!isImported(this) && !this._moves(tag)) {
      reject(image, {
        property: 'builder.cache', must: 'have tags that can move in the repository', got: tag,
        fix: 'Write imageTagMutability: ImageTagMutability.immutableExcept(\'cache-*\'), or use BuildCache.local().',
      });
    }
    this._onCached();
  }

  /** Creates the scope of one image, below the repository or the scope in the options. */
  private newImage(scope: Construct, id: string): Construct {
    const folder = `ImagesOf-${this._home.node.path}`;
    const images = scope === this._home ? this.images : childOf(scope, folder) ?? new Construct(scope, folder);
    if (images.node.tryFindChild(id)) {
      reject(this, {
        property: 'id',
        must: 'be new in this repository',
        got: id,
        fix: 'buildAndPushImage makes the id from folder, file, target and platform. Use the PublishedImage of the first call, '
          + 'or publish(\'another-id\', ImageSource.directory(…)).',
      });
    }
    return new Construct(images as Construct, id);
  }
}

/** A metric of a repository, in its account and region. */
export function repositoryMetric(repository: IRepository, metricName: string, options: MetricOptions): Metric {
  checkValue(repository, 'metricName', metricName, { kind: 'text', required: true, pattern: /./, fix: 'Write the name of a metric of AWS/ECR.' });
  checkValue(repository, 'options', options, METRIC_OPTIONS);
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

/** Returns the account or region if it is known and differs from the stack. An unnecessary one would prevent alarms on the metric. */
function elsewhere(own: string, ofStack: string): string | undefined {
  return Token.isUnresolved(own) || own === ofStack ? undefined : own;
}
