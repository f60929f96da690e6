import { Duration } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IDependable } from 'constructs';
import { addHandlerFunction, letSeeRollbacks } from '../private/handler-function';

// The manifest, and the configuration, which says what the image is built for. No layer is read.
const ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** A function that looks at images, in the repositories that it has been shown. */
export class ImageCheckHandler extends Construct implements IGrantable {
  public readonly grantPrincipal: IPrincipal;
  /** Where CloudFormation sends its events. */
  public readonly serviceToken: string;
  /** How long CloudFormation waits for an answer: three tries of Lambda, and the waits between them. */
  public readonly serviceTimeout = Duration.minutes(20);
  /** How Lambda keeps and repeats events: the custom resource depends on it. */
  public readonly eventSettings: IDependable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const handler = addHandlerFunction(this, {
      bundle: 'image-check/image-check.lambda', description: 'Looks at images before anything runs them', timeout: Duration.minutes(5), memorySize: 256,
      serviceTimeout: this.serviceTimeout,
    });
    letSeeRollbacks(this, handler);
    this.grantPrincipal = handler.role;
    this.serviceToken = handler.functionArn;
    this.eventSettings = handler.eventSettings;
  }

  /** Lets it look at the images of a repository. */
  public mayRead(repository: IRepository): void {
    repository.grant(this, ...ACTIONS);
  }
}
