import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IDependable } from 'constructs';
import { addHandlerFunction } from '../private/handler-function';

/** A function that reads and writes the setting for blob mounting of the account, and nothing else. */
export class BlobMountingHandler extends Construct {
  /** Where CloudFormation sends its events. */
  public readonly serviceToken: string;
  /** How long CloudFormation waits for an answer: three tries of Lambda, and the waits between them. */
  public readonly serviceTimeout = Duration.minutes(10);
  /** How Lambda keeps and repeats events: the custom resource depends on it. */
  public readonly eventSettings: IDependable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { role, functionArn, eventSettings } = addHandlerFunction(this, {
      bundle: 'registry/blob-mounting.lambda', description: 'Enables blob mounting in the registry', timeout: Duration.minutes(2), memorySize: 128,
      serviceTimeout: this.serviceTimeout,
    });
    role.addToPrincipalPolicy(new PolicyStatement({
      actions: ['ecr:GetAccountSetting', 'ecr:PutAccountSetting'],
      // A setting of the account is no resource with an ARN, but both actions know the condition on its name.
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
      resources: ['*'],
      conditions: { StringEquals: { 'ecr:AccountSetting': 'BLOB_MOUNTING' } },
    }));
    this.serviceToken = functionArn;
    this.eventSettings = eventSettings;
  }
}
