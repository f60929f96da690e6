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
export function checked(scope: Construct, id: string, { repository, _version: version }: CheckableImage, use: ImageUse): ContainerImageCheck {
  return new ContainerImageCheck(scope, id, { handler: imageCheckHandlerFor(repository, scope), repository, version, ...use });
}
