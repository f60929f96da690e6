import * as path from 'path';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { AzureContainerRegistry, AzureIdentity, AzureRegistrySku, ImageRepository, OutboundIdentityFederation } from 'cdk-container-delivery';
import { Construct } from 'constructs';

export interface AzureStackProps extends StackProps {
  /** The IDs of your tenant, managed identity and subscription: `--context tenantId=… --context clientId=… --context subscriptionId=…` */
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly subscriptionId?: string;
}

/** Allows functions of the account to prove their role to other clouds. Deploy it first, and configure the issuer in Azure. */
export class FederationStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    new CfnOutput(this, 'Issuer', { value: new OutboundIdentityFederation(this, 'Federation').issuerUrl });
  }
}

/** A registry in Azure, and an image that is pushed to it without a password. */
export class AzureStack extends Stack {
  constructor(scope: Construct, id: string, props: AzureStackProps = {}) {
    super(scope, id, props);
    const {
      tenantId = '11111111-1111-4111-8111-111111111111', clientId = '22222222-2222-4222-8222-222222222222',
      subscriptionId = '33333333-3333-4333-8333-333333333333',
    } = props;
    // The subject of the federated credential in Azure, known before the first deployment.
    const role = new Role(this, 'Role', { roleName: 'azure-images', assumedBy: new AccountRootPrincipal() });

    const azure = new AzureContainerRegistry(this, 'Registry', {
      identity: AzureIdentity.federated({ tenantId, clientId, role }),
      subscriptionId,
      resourceGroup: 'examples',
      location: 'westeurope',
      sku: AzureRegistrySku.BASIC,
      tags: { project: 'cdk-container-delivery' },
    });

    const image = new ImageRepository(this, 'Repository').buildAndPushImage(path.join(__dirname, 'app'));
    new CfnOutput(this, 'Image', { value: image.publishTo(azure, { name: 'myapp', tags: ['v1.0.0'] }) });
    new CfnOutput(this, 'Server', { value: azure.loginServer });
  }
}
