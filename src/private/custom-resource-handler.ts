import * as path from 'path';
import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, EventInvokeConfig, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, Dependable, DependencyGroup, IConstruct, IDependable } from 'constructs';
import { OnceRole } from './once-role';
import { childOf, insideStack } from './stacks';
import { reject } from './validation';

// The same relative path from src/private and from the compiled lib/private.
const ASSETS = path.join(__dirname, '..', '..', 'assets');

// The number of retries of Lambda after a crash, after one and then two minutes.
const RETRIES = 2;

/** The settings of a function that differ between custom resources. */
export interface HandlerFunctionProps {
  /** The folder of the bundle in `assets`. */
  readonly bundle: string;
  readonly description: string;
  readonly timeout: Duration;
  /** The time for which CloudFormation waits. At least one minute longer than `timeout`. */
  readonly serviceTimeout: Duration;
  /** In MiB. */
  readonly memorySize: number;
}

/** A function that serves a custom resource, and its role. */
export interface HandlerFunction {
  readonly role: Role;
  readonly functionArn: string;
  /** The permissions, and the settings for the delivery of events. The custom resource depends on them, so that they apply to the first event. */
  readonly needs: IDependable;
  /** Adds an environment variable. */
  addEnvironment(name: string, value: string): void;
}

/** Adds the function of a custom resource, with a role that can only write the log of the functions. */
export function addHandlerFunction(scope: Construct, { bundle, serviceTimeout, ...settings }: HandlerFunctionProps): HandlerFunction {
  const logGroup = logGroupOf(Stack.of(scope));
  const role = new OnceRole(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  const handler = new Function(scope, 'Function', {
    ...settings, runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromAsset(path.join(ASSETS, bundle)), logGroup,
    role: withoutWaiting(role),
  });
  const eventSettings = new EventInvokeConfig(scope, 'EventSettings', {
    function: handler, retryAttempts: RETRIES, maxEventAge: maxEventAge(settings.timeout, serviceTimeout),
  });
  const needs = new DependencyGroup(eventSettings, role);
  return { role, functionArn: handler.functionArn, needs, addEnvironment: (name, value) => { handler.addEnvironment(name, value); } };
}

/** The same role for a function that does not wait for its policy, so that the policy can refer to the function. */
function withoutWaiting(role: Role): Role {
  const same = Object.create(role) as Role;
  Dependable.implement(same, { dependencyRoots: [] });
  return same;
}

const LOGS = 'ContainerDeliveryLogs';

/**
 * The log group that all functions of a stack share. The names of its streams contain the function. A log group with this ID in the stack is used
 * instead, so users can set its retention.
 */
function logGroupOf(stack: Stack): ILogGroup {
  const existing = childOf(stack, LOGS);
  if (existing === undefined) return new LogGroup(stack, LOGS, { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
  if (!('grantWrite' in existing)) {
    reject(existing, { property: 'id', must: `not be '${LOGS}' in a stack with functions of this library, unless it is their log group`, got: existing.node.id, fix: 'Use another ID.' });
  }
  // Recognized by its method, because it can come from another copy of this package.
  return existing as unknown as ILogGroup;
}

// The roles of functions that read images without running them.
const READERS = new WeakMap<IConstruct, Role>();

/** Marks a function that reads images without running them. Its reads need not count as pulls. */
export function markImageReader(scope: Construct, { role }: HandlerFunction): void {
  READERS.set(scope, role);
}

/** The role of a function that reads images without running them. `undefined` for all other constructs. */
export function imageReaderRole(construct: IConstruct): Role | undefined {
  return READERS.get(construct);
}

/** Allows the function to continue in another invocation. */
export function grantInvokeItself({ role, functionArn }: HandlerFunction): void {
  role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
}

/**
 * The maximum age of an event when Lambda delivers it.
 *
 * An invocation that starts at this age ends before CloudFormation stops waiting. Later, the stack may have rolled back already, and
 * work for the old event would undo the rollback, for example move a tag. By default Lambda delivers events for six hours.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
function maxEventAge(timeout: Duration, serviceTimeout: Duration): Duration {
  return Duration.seconds(serviceTimeout.toSeconds() - timeout.toSeconds());
}

/** Allows the function to check whether the stack of a construct is rolling back. */
export function grantDescribeStacks(scope: Construct, { role }: HandlerFunction): void {
  role.addToPolicy(new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: stackIds(Stack.of(scope)) }));
}

/** The stack and its parents, each of which can be the one that rolls back. */
function stackIds(stack: Stack): string[] {
  return stack.nestedStackParent ? [stack.stackId, ...stackIds(stack.nestedStackParent)] : [stack.stackId];
}

/** A function as custom resources refer to it. */
export interface HandlerReference {
  /** The service token for CloudFormation. */
  readonly serviceToken: string;
  /** The time for which CloudFormation waits. */
  readonly serviceTimeout: Duration;
  /** What the function needs to work. The custom resource depends on it. */
  readonly needs: IDependable;
}

/** Properties of an `ImageResource`. */
export interface ImageResourceProps {
  /** `Custom::…` */
  readonly resourceType: string;
  readonly handler: HandlerReference;
  readonly properties: object;
}

/** A custom resource that returns an image to its stack. */
export class ImageResource<Data extends { readonly DigestHex: string }> {
  /** The digest, `sha256:…`. Known at deployment. */
  public readonly imageDigest: string;
  private readonly resource: CustomResource;

  constructor(private readonly owner: Construct, { resourceType, handler, properties }: ImageResourceProps) {
    const { serviceToken, serviceTimeout, needs } = handler;
    this.resource = new CustomResource(owner, 'Resource', { resourceType, serviceToken, serviceTimeout, properties: { ...properties } });
    this.resource.node.addDependency(needs);
    // CDK renders a digest that does not start with the literal "sha256:" as a tag.
    this.imageDigest = `sha256:${this.data('DigestHex')}`;
  }

  /** Another attribute of the response. */
  public data(name: keyof Data & string): string {
    return insideStack(this.owner, this.resource.getAttString(name));
  }
}
