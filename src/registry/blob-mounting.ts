import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IDependable } from 'constructs';
import type { BlobMountingData, BlobMountingProperties } from './blob-mounting-properties';
import { addHandlerFunction } from '../private/handler-function';
import { InstanceRule } from '../private/shape';

/** A value that must be a setting of blob mounting. */
export const BLOB_MOUNTING: InstanceRule = {
  kind: 'instance', must: 'be a BlobMounting', methods: ['_enableBlobMounting'], fix: 'Call the factory, e.g. BlobMounting.enabled().',
};

/**
 * Whether a pushed image may share the layers that another repository of the registry has already.
 *
 * CloudFormation has no resource for it, so a small function calls the API during the deployment. Images that are copied in the
 * same deployment find it enabled when they wait for it: `repository.node.addDependency(settings)`.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
 */
export class BlobMounting {
  /** Enabled, and left so when the setting or the stack is removed. */
  public static enabled(): BlobMounting {
    return new BlobMounting();
  }

  /**
   * Enabled, and restored to what it was before when the setting or the stack is removed.
   *
   * What it was is looked at when blob mounting comes into the stack. Images keep the layers that they share. Do not rename or move the
   * settings afterwards: CloudFormation makes the new resource first, and removing the old one then restores what was before it.
   */
  public static enabledUntilRemoved(): BlobMounting {
    return new BlobMounting('Restore');
  }

  private constructor(private readonly onRemoval?: 'Restore') {}

  /** @internal */
  public _enableBlobMounting(scope: Construct): void {
    const handler = new BlobMountingHandler(scope, 'Handler');
    // Also where nobody asks to restore: who asks later would be told what this stack itself has made of it.
    const before = customResource(scope, 'Before', handler, { SchemaVersion: '1', Step: 'Look' });
    const Before: keyof BlobMountingData = 'Before';
    customResource(scope, 'Resource', handler, {
      SchemaVersion: '1', Step: 'Enable', Before: before.getAttString(Before), OnRemoval: this.onRemoval,
    });
  }
}

function customResource(scope: Construct, id: string, handler: BlobMountingHandler, properties: BlobMountingProperties): CustomResource {
  const resource = new CustomResource(scope, id, {
    resourceType: properties.Step === 'Look' ? 'Custom::RegistryBlobMountingBefore' : 'Custom::RegistryBlobMounting',
    serviceToken: handler.serviceToken,
    serviceTimeout: handler.serviceTimeout,
    properties: { ...properties },
  });
  resource.node.addDependency(handler.eventSettings);
  return resource;
}

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
