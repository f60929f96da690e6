import { IConstruct } from 'constructs';
import { hasMethods } from '../private/check-types';
import { reject } from '../private/validation';

/**
 * Whether an image is looked at before anything that runs it changes.
 *
 * A small function asks ECR whether the image is there, whether it is for the CPU architecture on which it is to run and, for Lambda,
 * whether it is of a kind that Lambda takes. When it is not, the deployment fails within seconds, with a sentence that names the image
 * and the fix, before the service or the function is touched. There is one such function for each repository and stack.
 *
 * What a rollback of CloudFormation brings back is never stopped.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
 */
export class ImageCheck {
  /** Every `PublishedImage` is looked at, also those that the CDK CLI pushes directly. */
  public static beforeDeployment(): ImageCheck {
    return new ImageCheck(true);
  }

  /** None is looked at. */
  public static none(): ImageCheck {
    return new ImageCheck(false);
  }

  private constructor(private readonly includesAll: boolean) {}

  /** @internal */
  public _includesAll(): boolean {
    return this.includesAll;
  }
}

/** What is given in place of an `ImageCheck`. */
export function checkImageCheck(scope: IConstruct, value: unknown): void {
  if (value !== undefined && !hasMethods(value, '_includesAll')) {
    reject(scope, {
      property: 'imageCheck', must: 'be an ImageCheck', got: value,
      fix: 'Make one with brackets, ImageCheck.beforeDeployment() or ImageCheck.none().',
    });
  }
}
