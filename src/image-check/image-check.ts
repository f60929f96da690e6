import { IConstruct } from 'constructs';
import { checkValue } from '../private/shape';

/**
 * Whether an image is checked before the services and functions that run it change.
 *
 * A function checks in ECR that the image exists, that it fits the CPU architecture and, for Lambda, that Lambda supports its format. If not,
 * the deployment fails within seconds, before the service or the function changes, with a message that names the image and the fix. The
 * function that copies or builds an image also checks it. In a nested stack, and for a directly pushed image, there is one function per repository.
 *
 * The check never stops a rollback of CloudFormation.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
 */
export class ImageCheck {
  /** Check every `PublishedImage`, including images that the CDK CLI pushes directly. */
  public static beforeDeployment(): ImageCheck {
    return new ImageCheck(true);
  }

  /** Check no image. */
  public static none(): ImageCheck {
    return new ImageCheck(false);
  }

  private constructor(private readonly includesAll: boolean) {}

  /** @internal */
  public _includesAll(): boolean {
    return this.includesAll;
  }
}

/** Rejects anything but an `ImageCheck`. */
export function checkImageCheck(scope: IConstruct, value: unknown): void {
  checkValue(scope, 'imageCheck', value, {
    kind: 'instance', methods: ['_includesAll'], must: 'be an ImageCheck', fix: 'Make one with brackets, ImageCheck.beforeDeployment() or ImageCheck.none().',
  });
}
