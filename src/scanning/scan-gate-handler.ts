import * as path from 'path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { IGrantable, IPrincipal, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

// From src/scanning and from the compiled lib/scanning alike.
const BUNDLE = path.join(__dirname, '..', '..', 'assets', 'scanning', 'scan-gate.lambda');

// PutImage only writes a manifest that is there already, under the tag that says that it has passed.
const ACTIONS = ['ecr:BatchGetImage', 'ecr:DescribeImageScanFindings', 'ecr:PutImage', 'ecr:StartImageScan'];

// ECR asks Inspector for the findings of enhanced scans in the name of whoever asks ECR.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
const INSPECTOR_ACTIONS = ['inspector2:ListCoverage', 'inspector2:ListFindings'];

/** A function that looks at scans, in the repositories that it has been shown. */
export class ScanGateHandler extends Construct implements IGrantable {
  public readonly grantPrincipal: IPrincipal;
  /** Where CloudFormation sends its events. */
  public readonly serviceToken: string;
  /** How long CloudFormation waits for an answer: its longest, because scans may take several invocations. */
  public readonly serviceTimeout = Duration.hours(1);

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    // AWS knows no resource for them but all.
    role.addToPolicy(new PolicyStatement({ actions: INSPECTOR_ACTIONS, resources: ['*'] }));
    role.addToPolicy(new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: stackIds(Stack.of(this)) }));
    const handler = new Function(this, 'Function', {
      description: 'Stops deployments at the findings of image scans',
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(BUNDLE),
      role,
      logGroup,
      timeout: Duration.minutes(15),
      memorySize: 256,
    });
    // A policy of its own: the function waits for that of its role, which therefore cannot name the function.
    new Policy(this, 'Continuation', {
      roles: [role],
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] })],
    });
    this.grantPrincipal = role;
    this.serviceToken = handler.functionArn;
  }

  /** Lets it look at the scans of a repository. */
  public mayScan(repository: IRepository): void {
    repository.grant(this, ...ACTIONS);
  }
}

/** The stack and those around it: any of them may be the one that is rolled back. */
function stackIds(stack: Stack): string[] {
  return stack.nestedStackParent ? [stack.stackId, ...stackIds(stack.nestedStackParent)] : [stack.stackId];
}
