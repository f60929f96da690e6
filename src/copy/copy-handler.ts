import * as path from 'path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AuthorizationToken, IRepository } from 'aws-cdk-lib/aws-ecr';
import { IGrantable, IPrincipal, Policy, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { OnceRole } from './once-role';

// From src/copy and from the compiled lib/copy alike.
const BUNDLE = path.join(__dirname, '..', '..', 'assets', 'copy', 'image-copy.lambda');

const TIMEOUT = Duration.minutes(15);

// No list, describe or delete: what the handler cannot do, it cannot do by mistake.
const WRITE_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/** A function that copies images. It may read and write what it has been granted, and nothing else. */
export class CopyHandler extends Construct implements IGrantable {
  public readonly grantPrincipal: IPrincipal;
  /** Where CloudFormation sends its events. */
  public readonly serviceToken: string;
  /** How long CloudFormation waits for an answer: its longest, because a large image takes several invocations. */
  public readonly serviceTimeout = Duration.hours(1);

  private readonly destinations = new Set<IRepository>();

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new OnceRole(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    AuthorizationToken.grantRead(role);
    this.grantPrincipal = role;
    const handler = new Function(this, 'Function', {
      description: 'Copies container images during deployments',
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(BUNDLE),
      role,
      logGroup,
      timeout: TIMEOUT,
      memorySize: 512,
    });
    // A policy of its own: the function waits for that of its role, which therefore cannot name the function.
    new Policy(this, 'Continuation', {
      roles: [role],
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] })],
    });
    this.serviceToken = handler.functionArn;
  }

  /** Lets it write into a repository. */
  public mayWrite(repository: IRepository): void {
    if (this.destinations.has(repository)) return;
    this.destinations.add(repository);
    repository.grant(this, ...WRITE_ACTIONS);
  }
}
