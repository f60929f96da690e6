import * as path from 'path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, RoleProps, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

// From src/private and from the compiled lib/private alike.
const ASSETS = path.join(__dirname, '..', '..', 'assets');

/** What makes the function of one custom resource different from the next. */
export interface HandlerFunctionProps {
  /** The folder of its bundle in `assets`. */
  readonly bundle: string;
  readonly description: string;
  readonly timeout: Duration;
  /** In MiB. */
  readonly memorySize: number;
}

/** A function that serves a custom resource, and its role. */
export interface HandlerFunction {
  readonly role: Role;
  readonly functionArn: string;
}

/** Adds the function of a custom resource, with a role that may write its log and nothing else. */
export function addHandlerFunction(
  scope: Construct, props: HandlerFunctionProps, HandlerRole: new (scope: Construct, id: string, props: RoleProps) => Role = Role,
): HandlerFunction {
  const { bundle, ...settings } = props;
  const logGroup = new LogGroup(scope, 'Logs', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
  const role = new HandlerRole(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  const { functionArn } = new Function(scope, 'Function', {
    ...settings, runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromAsset(path.join(ASSETS, bundle)), role, logGroup,
  });
  return { role, functionArn };
}

/** Lets the function go on in a further invocation. */
export function letContinue(scope: Construct, { role, functionArn }: HandlerFunction): void {
  // A policy of its own: the function waits for that of its role, which therefore cannot name the function.
  new Policy(scope, 'Continuation', {
    roles: [role], statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] })],
  });
}
