import { IRepository } from 'aws-cdk-lib/aws-ecr';
import {
  AddToPrincipalPolicyResult, ArnPrincipal, IPrincipal, PolicyStatement, PrincipalPolicyFragment,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DirectRoad } from './choose-route';
import { gated } from './gated';
import { liveTagPrefix, PUSHED_TAG } from './image-names';
import { ImageRoute } from './image-route';
import { ImageSource } from './image-source';
import { PublishedImage } from './published-image';
import { checkedConfig } from './source-config-checks';
import { deployAfter } from '../private/deploy-after';
import { PUSH_ACTIONS } from '../private/ecr-actions';
import { insideStack } from '../private/inside-stack';
import { outermostStack } from '../private/outermost-stack';
import { ScanGate } from '../scanning/scan-gate';

const DIGITS_IN_TAG = 20;

// What `docker push` takes, and what the CLI asks before it builds.
const CLI_ACTIONS = [...PUSH_ACTIONS, 'ecr:DescribeImages', 'ecr:DescribeRepositories', 'ecr:GetDownloadUrlForLayer'].sort();

/**
 * The direct road: the CDK CLI builds the image and pushes it into the repository.
 *
 * The tag is the hash of everything that goes into the image and never moves, so it is as exact as a digest.
 */
export function publishDirectly(
  image: Construct, source: ImageSource, repository: IRepository, { synthesizer, repositoryName }: DirectRoad, reason: string, gate?: ScanGate,
): PublishedImage {
  const repositoryStack = outermostStack(repository);
  const imageTagPrefix = liveTagPrefix(image, repository);
  const tagOf = (sourceHash: string) => imageTagPrefix + PUSHED_TAG + sourceHash.slice(0, DIGITS_IN_TAG);
  const { created: { platforms }, imageTag: pushed } = synthesizer._pushInto(
    { repositoryStack, repositoryName, tagOf }, () => checkedConfig(image, source.bind(image, { reader: new Nobody(image) })),
  );
  repository.addToResourcePolicy(new PolicyStatement({
    principals: [new ArnPrincipal(synthesizer._pushRoleArn)], actions: CLI_ACTIONS,
  }));
  deployAfter(outermostStack(image), repositoryStack, 'its images are pushed into a repository of that stack');
  const { imageTag, imageDigest } = gated(image, { imageTag: pushed }, { repository, imageTagPrefix, gate });
  return PublishedImage._of({
    scope: image, repository, imageTag, imageTagPrefix, imageDigest, version: imageDigest ?? insideStack(image, imageTag), platforms,
    route: ImageRoute.DIRECT, routeReason: reason,
  });
}

/** The reader on the direct road: what the CLI builds is not read from anywhere. */
class Nobody implements IPrincipal {
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
