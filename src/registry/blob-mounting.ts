import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { BlobMountingData, BlobMountingProperties } from './blob-mounting-properties';
import { CustomResourceHandler } from '../private/custom-resource-handler';
import { InstanceRule } from '../private/shape';

/** The rule of a setting for blob mounting. */
export const BLOB_MOUNTING: InstanceRule = {
  kind: 'instance', must: 'be a BlobMounting', methods: ['_enableBlobMounting'], fix: 'Call the factory, e.g. BlobMounting.enabled().',
};

/**
 * Whether a pushed image can share layers that another repository of the registry already has.
 *
 * CloudFormation has no resource for it, so a small function calls the API during the deployment. If images are copied in the same deployment, let
 * them wait: `repository.node.addDependency(settings)`.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
 */
export class BlobMounting {
  /** Enable blob mounting, and leave it enabled when the setting or the stack is removed. */
  public static enabled(): BlobMounting {
    return new BlobMounting();
  }

  /**
   * Enable blob mounting, and restore the earlier setting when the setting or the stack is removed.
   *
   * The earlier setting is read when blob mounting is added to the stack. Images keep the layers that they share. Do not rename or move the settings
   * afterward: CloudFormation creates the new resource first, and the deletion of the old one then restores the earlier setting.
   */
  public static enabledUntilRemoved(): BlobMounting {
    return new BlobMounting('Restore');
  }

  private constructor(private readonly onRemoval?: 'Restore') {}

  /** @internal */
  public _enableBlobMounting(scope: Construct): void {
    const handler = new BlobMountingHandler(scope, 'Handler');
    // Also without `restore`: if it is requested later, the function would otherwise read the setting that this stack has made.
    const before = customResource(scope, 'Before', handler, { SchemaVersion: '1', Step: 'Look' });
    const Before: keyof BlobMountingData = 'Before';
    customResource(scope, 'Resource', handler, {
      SchemaVersion: '1', Step: 'Enable', Before: before.getAttString(Before), OnRemoval: this.onRemoval,
    });
  }
}

function customResource(scope: Construct, id: string, handler: BlobMountingHandler, properties: BlobMountingProperties): CustomResource {
  return handler.addResource(scope, id, properties.Step === 'Look' ? 'Custom::RegistryBlobMountingBefore' : 'Custom::RegistryBlobMounting', properties);
}

/** A function that can only read and write the setting for blob mounting of the account. */
export class BlobMountingHandler extends CustomResourceHandler {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      bundle: 'registry/blob-mounting.lambda', description: 'Enables blob mounting in the registry', timeout: Duration.minutes(2), memorySize: 128,
      // Three attempts of Lambda, with the waits between them.
      serviceTimeout: Duration.minutes(10),
    });
    this.role.addToPrincipalPolicy(new PolicyStatement({
      actions: ['ecr:GetAccountSetting', 'ecr:PutAccountSetting'],
      // An account setting has no ARN, but both actions support a condition on its name.
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
      resources: ['*'],
      conditions: { StringEquals: { 'ecr:AccountSetting': 'BLOB_MOUNTING' } },
    }));
  }
}
