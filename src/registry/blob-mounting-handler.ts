import * as path from 'path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

// From src/registry and from the compiled lib/registry alike.
const BUNDLE = path.join(__dirname, '..', '..', 'assets', 'registry', 'blob-mounting.lambda');

/** A function that reads and writes the setting for blob mounting of the account, and nothing else. */
export class BlobMountingHandler extends Construct {
  /** Where CloudFormation sends its events. */
  public readonly serviceToken: string;
  /** How long CloudFormation waits for an answer: three tries of Lambda, and the waits between them. */
  public readonly serviceTimeout = Duration.minutes(10);

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPrincipalPolicy(new PolicyStatement({
      actions: ['ecr:GetAccountSetting', 'ecr:PutAccountSetting'],
      // A setting of the account is no resource with an ARN, but both actions know the condition on its name.
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
      resources: ['*'],
      conditions: { StringEquals: { 'ecr:AccountSetting': 'BLOB_MOUNTING' } },
    }));
    this.serviceToken = new Function(this, 'Function', {
      description: 'Enables blob mounting in the registry',
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(BUNDLE),
      role,
      logGroup,
      timeout: Duration.minutes(2),
      memorySize: 128,
    }).functionArn;
  }
}
