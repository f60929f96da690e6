import { Duration } from 'aws-cdk-lib';
import { AuthorizationToken, IRepository } from 'aws-cdk-lib/aws-ecr';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IDependable } from 'constructs';
import { OnceRole } from './once-role';
import { PUSH_ACTIONS } from '../private/ecr-actions';
import { addHandlerFunction, letContinue } from '../private/handler-function';

/** A function that copies images. It may read and write what it has been granted, and nothing else. */
export class CopyHandler extends Construct implements IGrantable {
  public readonly grantPrincipal: IPrincipal;
  /** Where CloudFormation sends its events. */
  public readonly serviceToken: string;
  /** How long CloudFormation waits for an answer: its longest, because a large image takes several invocations. */
  public readonly serviceTimeout = Duration.hours(1);
  /** How Lambda keeps and repeats events: the custom resource depends on it. */
  public readonly eventSettings: IDependable;

  private readonly destinations = new Set<IRepository>();

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const handler = addHandlerFunction(this, {
      bundle: 'copy/image-copy.lambda', description: 'Copies container images during deployments', timeout: Duration.minutes(15), memorySize: 512,
      serviceTimeout: this.serviceTimeout,
    }, OnceRole);
    AuthorizationToken.grantRead(handler.role);
    letContinue(this, handler);
    this.grantPrincipal = handler.role;
    this.serviceToken = handler.functionArn;
    this.eventSettings = handler.eventSettings;
  }

  /** Lets it write into a repository. */
  public mayWrite(repository: IRepository): void {
    if (this.destinations.has(repository)) return;
    this.destinations.add(repository);
    // No list, describe or delete: what the handler cannot do, it cannot do by mistake.
    repository.grant(this, ...PUSH_ACTIONS);
  }
}
