import { Annotations, CfnResource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { CfnRepository, IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';

const ID = 'cdk-container-delivery:layersAreStreamed';

/**
 * ECR mounts layers only between repositories of one encryption and key, and the bootstrap repository has AES256.
 *
 * What is pushed directly, or comes from elsewhere, is not slower for it: hence here, and not where the repository is created.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
 */
export function warnOfStreaming(image: Construct, repository: IRepository): void {
  const resource = resourceOf(repository);
  const type = resource && encryptionType(resource);
  if (resource === undefined || type === undefined || isElsewhere(image, repository)) return;
  // The same text each time, so that CDK shows it once for each repository. At the resource, because CDK does not know the
  // acknowledgements of a construct before its warnings, only those around it.
  Annotations.of(resource).addWarningV2(ID, [
    `The repository is encrypted with ${type} and the bootstrap repository with AES256, so ECR cannot mount layers from there:`,
    'each new layer is streamed through the copy function, which takes longer and is stored twice.',
    'Push directly with DirectPushSynthesizer, which copies nothing, use ImageEncryption.aes256(), or acknowledge this warning.',
  ].join(' '));
}

/** Of a repository that this app creates; of others nobody here knows. */
function resourceOf({ node: { defaultChild } }: IRepository): CfnRepository | undefined {
  return defaultChild !== undefined && CfnResource.isCfnResource(defaultChild) ? defaultChild as CfnRepository : undefined;
}

/** Another encryption than AES256. */
function encryptionType({ encryptionConfiguration: configuration }: CfnRepository): string | undefined {
  const type = configuration !== undefined && 'encryptionType' in configuration ? configuration.encryptionType : undefined;
  return Token.isUnresolved(type) || type === 'AES256' ? undefined : type;
}

/** From another account or region nothing is mounted anyway. */
function isElsewhere(image: Construct, { env }: IRepository): boolean {
  const { account, region } = Stack.of(image);
  return [Token.compareStrings(account, env.account), Token.compareStrings(region, env.region)].includes(TokenComparison.DIFFERENT);
}
