import * as path from 'path';
import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { IGrantable, IPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
export interface CustomResourceHandlerProps {
  /** The folder of the bundle in `assets`. */
  readonly bundle: string;
  readonly description: string;
  readonly timeout: Duration;
  /** The time for which CloudFormation waits. At least one minute longer than `timeout`. */
  readonly serviceTimeout: Duration;
  /** In MiB. */
  readonly memorySize: number;
}

/** The function of a custom resource. It can only write its log; subclasses add what it needs. */
export abstract class CustomResourceHandler extends Construct implements IGrantable {
  public readonly grantPrincipal: IPrincipal;
  /** The role of the function. */
  public readonly role: Role;
  private readonly handler: Function;
  private readonly serviceTimeout: Duration;
  // The permissions, and the settings for the delivery of events.
  private readonly needs: IDependable;

  protected constructor(scope: Construct, id: string, { bundle, serviceTimeout, ...settings }: CustomResourceHandlerProps) {
    super(scope, id);
    const logGroup = logGroupOf(Stack.of(this));
    this.role = new OnceRole(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.grantPrincipal = this.role;
    logGroup.grantWrite(this.role);
    this.handler = new Function(this, 'Function', {
      ...settings, runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromAsset(path.join(ASSETS, bundle)), logGroup,
      role: withoutWaiting(this.role),
    });
    const eventSettings = new EventInvokeConfig(this, 'EventSettings', {
      function: this.handler, retryAttempts: RETRIES, maxEventAge: maxEventAge(settings.timeout, serviceTimeout),
    });
    this.serviceTimeout = serviceTimeout;
    this.needs = new DependencyGroup(eventSettings, this.role);
  }

  /** Adds a resource that the function serves. It waits for the permissions of the function, and for the settings of events. */
  public addResource(scope: Construct, id: string, resourceType: string, properties: object): CustomResource {
    const { handler: { functionArn: serviceToken }, serviceTimeout } = this;
    const resource = new CustomResource(scope, id, { resourceType, serviceToken, serviceTimeout, properties: { ...properties } });
    resource.node.addDependency(this.needs);
    return resource;
  }

  protected addEnvironment(name: string, value: string): void {
    this.handler.addEnvironment(name, value);
  }

  /** Allows the function to continue in another invocation. */
  protected mayInvokeItself(): void {
    this.role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.handler.functionArn] }));
  }

  /** Allows the function to check whether its stack is rolling back. */
  protected mayDescribeStacks(): void {
    this.role.addToPolicy(new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: stackIds(Stack.of(this)) }));
  }

  /** Marks a function that reads images without running them. Its reads need not count as pulls. */
  protected markAsImageReader(): void {
    READERS.set(this, this.role);
  }
}

// The roles of functions that read images without running them.
const READERS = new WeakMap<IConstruct, Role>();

/** The role of a function that reads images without running them. `undefined` for all other constructs. */
export function imageReaderRole(construct: IConstruct): Role | undefined {
  return READERS.get(construct);
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
  if (!('logGroupName' in existing && 'grantWrite' in existing)) {
    reject(existing, { property: 'id', must: `not be '${LOGS}' in a stack with functions of this library, unless it is their log group`, got: existing.node.id, fix: 'Use another ID.' });
  }
  // Recognized by its members, because it can come from another copy of aws-cdk-lib.
  return existing as unknown as ILogGroup;
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

/** The stack and its parents, each of which can be the one that rolls back. */
function stackIds(stack: Stack): string[] {
  return stack.nestedStackParent ? [stack.stackId, ...stackIds(stack.nestedStackParent)] : [stack.stackId];
}

/** Properties of an `ImageResource`. */
export interface ImageResourceProps {
  /** `Custom::…` */
  readonly resourceType: string;
  readonly handler: CustomResourceHandler;
  readonly properties: object;
}

/** A custom resource that returns an image to its stack. */
export class ImageResource<Data extends { readonly DigestHex: string }> {
  /** The digest, `sha256:…`. Known at deployment. */
  public readonly imageDigest: string;
  private readonly resource: CustomResource;

  constructor(private readonly owner: Construct, { resourceType, handler, properties }: ImageResourceProps) {
    this.resource = handler.addResource(owner, 'Resource', resourceType, properties);
    // CDK renders a digest that does not start with the literal "sha256:" as a tag.
    this.imageDigest = `sha256:${this.data('DigestHex')}`;
  }

  /** Another attribute of the response. */
  public data(name: keyof Data & string): string {
    return insideStack(this.owner, this.resource.getAttString(name));
  }
}
