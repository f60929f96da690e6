import * as path from 'path';
import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, RoleProps, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, EventInvokeConfig, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, IDependable } from 'constructs';
import { insideStack } from './stacks';

// From src/private and from the compiled lib/private alike.
const ASSETS = path.join(__dirname, '..', '..', 'assets');

// How often Lambda delivers an event again after a crash. It waits one minute, then two.
const RETRIES = 2;

/** What makes the function of one custom resource different from the next. */
export interface HandlerFunctionProps {
  /** The folder of its bundle in `assets`. */
  readonly bundle: string;
  readonly description: string;
  readonly timeout: Duration;
  /** How long CloudFormation waits for an answer: longer than `timeout` by at least one minute. */
  readonly serviceTimeout: Duration;
  /** In MiB. */
  readonly memorySize: number;
}

/** A function that serves a custom resource, and its role. */
export interface HandlerFunction {
  readonly role: Role;
  readonly functionArn: string;
  /** How Lambda keeps and repeats events. The custom resource depends on it, so that it holds for the first event too. */
  readonly eventSettings: IDependable;
  /** Adds an environment variable. */
  addEnvironment(name: string, value: string): void;
}

/** Adds the function of a custom resource, with a role that may write its log and nothing else. */
export function addHandlerFunction(
  scope: Construct, props: HandlerFunctionProps, HandlerRole: new (scope: Construct, id: string, props: RoleProps) => Role = Role,
): HandlerFunction {
  const { bundle, serviceTimeout, ...settings } = props;
  const logGroup = new LogGroup(scope, 'Logs', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
  const role = new HandlerRole(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  const handler = new Function(scope, 'Function', {
    ...settings, runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromAsset(path.join(ASSETS, bundle)), role, logGroup,
  });
  const eventSettings = new EventInvokeConfig(scope, 'EventSettings', {
    function: handler, retryAttempts: RETRIES, maxEventAge: maxEventAge(settings.timeout, serviceTimeout),
  });
  return { role, functionArn: handler.functionArn, eventSettings, addEnvironment: (name, value) => { handler.addEnvironment(name, value); } };
}

/** Lets the function go on in a further invocation. */
export function letContinue(scope: Construct, { role, functionArn }: HandlerFunction): void {
  // A policy of its own: the function waits for that of its role, which therefore cannot name the function.
  new Policy(scope, 'Continuation', {
    roles: [role], statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] })],
  });
}

/**
 * How old an event may be when Lambda delivers it.
 *
 * An invocation that starts at this age ends before CloudFormation stops waiting. Later, the stack may have rolled back already, and
 * work for the old event would undo the rollback, for example move a tag. By default Lambda delivers events for six hours.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
function maxEventAge(timeout: Duration, serviceTimeout: Duration): Duration {
  return Duration.seconds(serviceTimeout.toSeconds() - timeout.toSeconds());
}

/** Lets the function ask whether the stack of a construct is rolled back. */
export function letSeeRollbacks(scope: Construct, { role }: HandlerFunction): void {
  role.addToPolicy(new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: stackIds(Stack.of(scope)) }));
}

/** The stack and those around it: any of them may be the one that is rolled back. */
function stackIds(stack: Stack): string[] {
  return stack.nestedStackParent ? [stack.stackId, ...stackIds(stack.nestedStackParent)] : [stack.stackId];
}

/** Who answers for an image, and what is asked. */
export interface ImageResourceProps {
  /** `Custom::…` */
  readonly resourceType: string;
  readonly handler: { readonly serviceToken: string; readonly serviceTimeout: Duration; readonly eventSettings: IDependable };
  readonly properties: object;
}

/** A custom resource that answers with an image, for the stack that it is in. */
export class ImageResource<Data extends { readonly DigestHex: string }> {
  /** `sha256:…`, known when it is deployed. */
  public readonly imageDigest: string;
  private readonly resource: CustomResource;

  constructor(private readonly owner: Construct, { resourceType, handler, properties }: ImageResourceProps) {
    const { serviceToken, serviceTimeout, eventSettings } = handler;
    this.resource = new CustomResource(owner, 'Resource', { resourceType, serviceToken, serviceTimeout, properties: { ...properties } });
    this.resource.node.addDependency(eventSettings);
    // CDK writes `repository:<token>` for a digest that does not visibly start with "sha256:".
    this.imageDigest = `sha256:${this.data('DigestHex')}`;
  }

  /** Something else of the answer. */
  public data(name: keyof Data & string): string {
    return insideStack(this.owner, this.resource.getAttString(name));
  }
}
