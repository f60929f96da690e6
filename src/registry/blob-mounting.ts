import { CustomResource } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { BlobMountingHandler } from './blob-mounting-handler';
import type { BlobMountingData, BlobMountingProperties } from './blob-mounting-properties';

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
