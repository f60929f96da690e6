import { Stack } from 'aws-cdk-lib';
import { newStack, Template } from './stack';
import { ImageRepository, ImageRepositoryProps } from '../../src';

/** A statement of a template. */
export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Principal: unknown;
  readonly Condition?: { readonly [operator: string]: { readonly [key: string]: unknown } };
}

/** The account and the region of the stack with the repository. */
export const OWN = { env: { account: '999988887777', region: 'eu-west-1' } };

/** The actions of a pull and of a push. */
export const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
export const PUSH = [
  'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart',
];

/** An ARN in any partition, as in a template. */
export function arn(rest: string): object {
  return { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] };
}

/** A whole account. */
export function rootOf(account: string): object {
  return arn(`:iam::${account}:root`);
}

/** A statement that allows something. */
export function allow(action: string[], principal: unknown, condition?: object): object {
  return { Effect: 'Allow', Action: action, Principal: principal, ...condition && { Condition: condition } };
}

/** The statements of the only repository of a stack. */
export function statementsOf(stack: Stack): Statement[] {
  const [repository] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
  return repository.Properties.RepositoryPolicyText?.Statement ?? [];
}

/** The statements of a repository with these properties. */
export function statements(props: ImageRepositoryProps, stack = newStack(OWN)): Statement[] {
  new ImageRepository(stack, 'Repository', props);
  return statementsOf(stack);
}
