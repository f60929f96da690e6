import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IDependable } from 'constructs';
import type { AzureIdentity } from './azure-identity';
import { IDENTITIES_VARIABLE } from './azure-registry-properties';
import { HandlerFunction, addHandlerFunction, grantDescribeStacks, grantInvokeItself } from '../private/handler-function';

const ID = 'AzureRegistryHandler';

/** The function that manages all registries of a stack in Azure. It can only act as the identities of these registries. */
export class AzureRegistryHandler extends Construct implements IGrantable {
  /** The function of a stack. */
  public static in(stack: Stack): AzureRegistryHandler {
    const existing = stack.node.tryFindChild(ID);
    // Recognized by its methods, because it can come from another copy of this package.
    return existing !== undefined && 'mayActAs' in existing ? existing as AzureRegistryHandler : new AzureRegistryHandler(stack, ID);
  }

  public readonly grantPrincipal: IPrincipal;
  /** The service token for CloudFormation. */
  public readonly serviceToken: string;
  /** The time for which CloudFormation waits: the maximum, because an operation of Azure can take several invocations. */
  public readonly serviceTimeout = Duration.hours(1);
  /** What the function needs to work. The custom resource depends on it. */
  public readonly needs: IDependable;

  private readonly handler: HandlerFunction;
  private readonly identities = new Map<string, AzureIdentity>();

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    this.handler = addHandlerFunction(this, {
      bundle: 'azure/azure-registry.lambda', description: 'Manages container registries in Azure', timeout: Duration.minutes(15), memorySize: 256,
      serviceTimeout: this.serviceTimeout,
    });
    grantInvokeItself(this.handler);
    grantDescribeStacks(this, this.handler);
    this.grantPrincipal = this.handler.role;
    this.serviceToken = this.handler.functionArn;
    this.needs = this.handler.needs;
    this.handler.addEnvironment(IDENTITIES_VARIABLE, Lazy.string({ produce: () => [...this.identities].sort(([one], [other]) => one < other ? -1 : 1).map(([, { _text: text }]) => text).join(',') }));
  }

  /** Allows the function to act as an identity. It rejects all others, no matter who invokes it. */
  public mayActAs(identity: AzureIdentity): void {
    const text = JSON.stringify(Stack.of(this).resolve(identity._text));
    if (this.identities.has(text)) return;
    this.identities.set(text, identity);
    identity._grant(this);
  }
}
