import { Stack } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { imageCheckHandlerFor } from './handler-for';
import { ContainerImageCheck, ImageUse } from '../image-check/container-image-check';
import { ImageCheck } from '../image-check/image-check';

/** An image, as far as a check asks for it. */
export interface CheckableImage {
  readonly repository: IRepository;
  /** The digest or tag by which it is run. */
  readonly _version: string;
  /** Whether a function has a hand in it when it is deployed. */
  readonly _comesByFunction: boolean;
}

/** Whether an image is looked at: unless somebody says so, only where there is a function anyway. */
export function isChecked({ _comesByFunction: comesByFunction }: CheckableImage, check?: ImageCheck): boolean {
  return check === undefined ? comesByFunction : check._includesAll();
}

/** An image that is looked at before whoever is in that scope runs it. */
export function checked(scope: Construct, { repository, _version: version }: CheckableImage, use: ImageUse): ContainerImageCheck {
  const handler = imageCheckHandlerFor(repository, scope);
  // Named by its function: CloudFormation lets no other one serve a custom resource that is there.
  return new ContainerImageCheck(scope, pathInStack(handler), { handler, repository, version, ...use });
}

function pathInStack(construct: Construct): string {
  return construct.node.path.slice(Stack.of(construct).node.path.length + 1);
}
