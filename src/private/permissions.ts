import { ArnFormat, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * The actions for `docker pull`.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
 */
export const PULL_ACTIONS = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/**
 * The actions for `docker push`. It reads a manifest to find out whether the image exists. It cannot list, describe or delete images.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
export const PUSH_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/** The service that pulls the images of functions. */
export const LAMBDA_SERVICE = 'lambda.amazonaws.com';

/** The condition key with the ARN of the function for which Lambda pulls. It is the only one that AWS documents for Lambda. */
export const SOURCE_ARN = 'aws:SourceArn';

/**
 * A pattern for the ARNs of all functions of an account, in the region of a construct.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-xaccount-permissions
 */
export function functionArns(scope: IConstruct, account = Stack.of(scope).account): string {
  return Stack.of(scope).formatArn({ service: 'lambda', account, resource: 'function', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
