import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { AzureIdentity } from './azure-identity';
import { IDENTITIES_VARIABLE } from './azure-registry-properties';
import { CustomResourceHandler } from '../private/custom-resource-handler';

const ID = 'AzureRegistryHandler';

/** The function that manages all registries of a stack in Azure. It can only act as the identities of these registries. */
export class AzureRegistryHandler extends CustomResourceHandler {
  /** The function of a stack. */
  public static in(stack: Stack): AzureRegistryHandler {
    const existing = stack.node.tryFindChild(ID);
    // Recognized by its methods, because it can come from another copy of this package.
    return existing !== undefined && 'mayActAs' in existing ? existing as AzureRegistryHandler : new AzureRegistryHandler(stack, ID);
  }

  private readonly identities = new Map<string, AzureIdentity>();

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      bundle: 'azure/azure-registry.lambda', description: 'Manages container registries in Azure', timeout: Duration.minutes(15), memorySize: 256,
      // The maximum, because an operation of Azure can take several invocations.
      serviceTimeout: Duration.hours(1),
    });
    this.mayInvokeItself();
    this.mayDescribeStacks();
    this.addEnvironment(IDENTITIES_VARIABLE, Lazy.string({ produce: () => this.identityTexts() }));
  }

  /** Allows the function to act as an identity. It rejects all others, no matter who invokes it. */
  public mayActAs(identity: AzureIdentity): void {
    const text = JSON.stringify(Stack.of(this).resolve(identity._text));
    if (this.identities.has(text)) return;
    this.identities.set(text, identity);
    identity._grant(this);
  }

  /** The identities in an order that does not depend on the program's. */
  private identityTexts(): string {
    const sorted = [...this.identities].sort(([one], [other]) => one < other ? -1 : 1);
    return sorted.map(([, { _text: text }]) => text).join(',');
  }
}
