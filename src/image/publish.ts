import { Annotations, CfnResource, Stack, Stage, Token, TokenComparison } from 'aws-cdk-lib';
import { CfnRepository, IRepository } from 'aws-cdk-lib/aws-ecr';
import { AddToPrincipalPolicyResult, ArnPrincipal, IPrincipal, PolicyStatement, PrincipalPolicyFragment } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DirectRoute, ImageRoute } from './choose-route';
import { buildHandlerFor, copyHandlerFor, gated } from './gates';
import { liveTagPrefix, PUSHED_TAG } from './image-names';
import { ImageSource } from './image-source';
import { checkedConfig } from './image-source-config';
import { PublishedImage } from './published-image';
import { RemoteBuild } from './sources/remote-source';
import { ImageBuild } from '../build/image-build';
import { ImageCopy } from '../copy/image-copy';
import { isImported } from '../private/lookups';
import { PUSH_ACTIONS } from '../private/permissions';
import { homeOf, insideStack, outermostStack } from '../private/stacks';
import { reject } from '../private/validation';
import { ScanGate } from '../scanning/scan-gate';

const DIGITS_IN_TAG = 20;

// The actions of `docker push`, and of the CDK CLI when it checks whether the image exists.
const CLI_ACTIONS = [...PUSH_ACTIONS, 'ecr:DescribeImages', 'ecr:DescribeRepositories', 'ecr:GetDownloadUrlForLayer'].sort();

const ID = 'cdk-container-delivery:layersAreStreamed';

/** The additional tags of an image. */
export interface FurtherTags {
  readonly fixed: string[];
  /** Tags that can move from another image. */
  readonly floating: string[];
}

/** The options of the direct route. */
export interface DirectChoices {
  readonly reason: string;
  /** Whether development mode leaves out gates and checks. */
  readonly isUnchecked: boolean;
  readonly gate?: ScanGate;
}

/** The copy route: a custom resource copies the image into the repository during the deployment. */
export function publishByCopy(
  image: Construct, source: ImageSource, repository: IRepository, tags: FurtherTags, reason: string, gate?: ScanGate,
): PublishedImage {
  const handler = copyHandlerFor(repository, image);
  handler.mayWrite(repository);
  deployAfterRepository(image, repository);
  const { reference, furtherPlatforms = [], platforms, selectedPlatforms, ...from } = checkedConfig(image, source.bind(image, { reader: handler }));
  const imageTagPrefix = liveTagPrefix(image, repository);
  const copy = new ImageCopy(image, 'Copy', {
    handler,
    source: reference,
    furtherPlatforms,
    sourceNeverMoves: from.hasContentTag,
    referrers: from.hasReferrers,
    platforms: selectedPlatforms,
    sourceCredentials: from.credentials?.secretArn,
    sourceTokenHost: from.tokenHost,
    sourceIdentity: from.identity?._text,
    destination: repository.repositoryUri,
    liveTagPrefix: imageTagPrefix,
    keepWhenThere: true,
    tags: tags.fixed,
    floatingTags: tags.floating,
  });
  copy.node.addDependency(...from.identity?._roles() ?? []);
  if (from.hasContentTag) warnOfStreaming(image, repository);
  const { imageTag, imageDigest = copy.imageDigest } = gated(image, copy, { repository, imageTagPrefix, gate });
  return PublishedImage._of({
    scope: image, repository, imageDigest, imageTag, imageTagPrefix, version: imageDigest, platforms, route: ImageRoute.COPY, routeReason: reason,
    publisher: handler, hasReferrers: from.hasReferrers,
  });
}

/** The build route: CodeBuild builds the image during the deployment, and pushes it into the repository. */
export function publishByBuild(
  image: Construct, { builder, stage }: RemoteBuild, repository: IRepository, tags: FurtherTags, reason: string, gate?: ScanGate,
): PublishedImage {
  // The source is checked before any resource is created for the repository.
  const { builds, source, ...args } = stage(image);
  const handler = buildHandlerFor(repository, image);
  deployAfterRepository(image, repository);
  const imageTagPrefix = liveTagPrefix(image, repository);
  const build = new ImageBuild(image, 'Build', {
    handler, builder, builds, source, ...args, repository, liveTagPrefix: imageTagPrefix, tags: tags.fixed, floatingTags: tags.floating,
  });
  const { imageTag, imageDigest = build.imageDigest } = gated(image, build, { repository, imageTagPrefix, gate });
  return PublishedImage._of({
    scope: image, repository, imageDigest, imageTag, imageTagPrefix, version: imageDigest, platforms: builds.map(({ platform }) => platform),
    route: ImageRoute.BUILD, routeReason: reason, publisher: handler,
  });
}

/** Deploys the image after the repository. For another region, CDK creates no dependency, because only the name is used there. */
function deployAfterRepository(image: Construct, repository: IRepository): void {
  const [own, other] = [outermostStack(image), outermostStack(repository)];
  if (own !== other && Stage.of(own) === Stage.of(other) && !isImported(repository)) {
    own.addStackDependency(other, 'its images are copied into a repository of that stack');
  }
}

/** The development route: the image runs from the bootstrap repository. The repository itself is set up as on the copy route. */
export function useInDevelopment(image: Construct, source: ImageSource, repository: IRepository, reason: string): PublishedImage {
  deployAfterRepository(image, repository);
  keepExports(image, repository);
  const { _asset: asset, platforms } = checkedConfig(image, source.bind(image, { reader: new NoOpPrincipal(image) }));
  if (asset === undefined) {
    reject(image, { property: 'source', must: 'create an asset in development mode', got: source, fix: 'Turn development mode off for this stack.' });
  }
  const imageUri = insideStack(image, asset.imageUri);
  return PublishedImage._of({
    scope: image, repository: asset.repository, publishedInto: repository, imageUri, imageTag: asset.imageTag, version: asset.imageTag,
    imageTagPrefix: liveTagPrefix(image, repository), platforms, route: ImageRoute.DEVELOPMENT, routeReason: reason, isUnchecked: true,
  });
}

/**
 * Keeps the exports of the repository that the copy route uses. The deployed version of the other stack imports them until it is updated, and
 * CloudFormation does not remove an export that is imported. A separate repository has no exports.
 */
function keepExports(image: Construct, repository: IRepository): void {
  const [own, other] = [outermostStack(image), outermostStack(repository)];
  const isNear = own.environment === other.environment && Stage.of(own) === Stage.of(other);
  if (own === other || !isNear || isImported(repository) || Stack.of(repository) !== other || homeOf(repository) !== repository) return;
  [repository.repositoryArn, repository.repositoryName].forEach(value => other.exportValue(value));
}

/**
 * The direct route: the CDK CLI builds the image and pushes it into the repository.
 *
 * The tag is the hash of all inputs and never moves, so it is as exact as a digest.
 */
export function publishDirectly(
  image: Construct, source: ImageSource, repository: IRepository, { synthesizer, repositoryName }: DirectRoute,
  { reason, isUnchecked, gate }: DirectChoices,
): PublishedImage {
  const repositoryStack = outermostStack(repository);
  const imageTagPrefix = liveTagPrefix(image, repository);
  const tagOf = (sourceHash: string) => imageTagPrefix + PUSHED_TAG + sourceHash.slice(0, DIGITS_IN_TAG);
  const { created: { platforms }, imageTag: pushed } = synthesizer._pushInto(
    { repositoryStack, repositoryName, tagOf }, () => checkedConfig(image, source.bind(image, { reader: new NoOpPrincipal(image) })),
  );
  repository.addToResourcePolicy(new PolicyStatement({
    principals: [new ArnPrincipal(synthesizer._pushRoleArn)], actions: CLI_ACTIONS,
  }));
  outermostStack(image).addStackDependency(repositoryStack, 'its images are pushed into a repository of that stack');
  const { imageTag, imageDigest } = gated(image, { imageTag: pushed }, { repository, imageTagPrefix, gate });
  return PublishedImage._of({
    scope: image, repository, imageTag, imageTagPrefix, imageDigest, version: imageDigest ?? insideStack(image, imageTag), platforms,
    route: ImageRoute.DIRECT, routeReason: reason, isUnchecked,
  });
}

/** The reader on routes where no function reads the image. */
class NoOpPrincipal implements IPrincipal {
  public readonly assumeRoleAction = 'sts:AssumeRole';
  public readonly grantPrincipal = this;
  public readonly policyFragment = new PrincipalPolicyFragment({});

  constructor(private readonly scope: Construct) {}

  public addToPrincipalPolicy(): AddToPrincipalPolicyResult {
    return { statementAdded: true, policyDependable: this.scope };
  }

  public addToPolicy(): boolean {
    return true;
  }
}

/**
 * Warns that copies transfer all layers. ECR mounts layers only between repositories with the same encryption and key, and the bootstrap repository
 * uses AES256.
 *
 * The warning is here and not in the repository, because direct pushes and other sources are not affected.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
 */
export function warnOfStreaming(image: Construct, repository: IRepository): void {
  const resource = resourceOf(repository);
  const type = resource && encryptionType(resource);
  if (resource === undefined || type === undefined || isElsewhere(image, repository)) return;
  // A constant text, so that CDK shows the warning once per repository. On the resource, because acknowledgments on parent constructs apply to it.
  Annotations.of(resource).addWarningV2(ID, [
    `The repository is encrypted with ${type} and the bootstrap repository with AES256, so ECR cannot mount layers from there:`,
    'each new layer is streamed through the copy function, which takes longer and is stored twice.',
    'Push directly with DirectPushSynthesizer, which copies nothing, use ImageEncryption.aes256(), or acknowledge this warning.',
  ].join(' '));
}

/** The resource of a repository of this app, which has the encryption. `undefined` for imported repositories. */
function resourceOf({ node: { defaultChild } }: IRepository): CfnRepository | undefined {
  return defaultChild !== undefined && CfnResource.isCfnResource(defaultChild) ? defaultChild as CfnRepository : undefined;
}

/** The encryption type if it is not AES256. */
function encryptionType({ encryptionConfiguration: configuration }: CfnRepository): string | undefined {
  const type = configuration !== undefined && 'encryptionType' in configuration ? configuration.encryptionType : undefined;
  return Token.isUnresolved(type) || type === 'AES256' ? undefined : type;
}

/** Whether the repository is in another account or region, where layers are never mounted. */
function isElsewhere(image: Construct, { env }: IRepository): boolean {
  const { account, region } = Stack.of(image);
  return [Token.compareStrings(account, env.account), Token.compareStrings(region, env.region)].includes(TokenComparison.DIFFERENT);
}
