import { App, CfnOutput, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AzureContainerRegistry, AzureIdentity, AzureRegistrySku, ImageRepository, ImageSource } from 'cdk-container-delivery';

// An empty resource group becomes a registry with an image. The context controls what changes between deployments.
const app = new App();
const stack = new Stack(app, 'Azure');
const context = (key: string): string => app.node.tryGetContext(key) ?? '';
const identity = AzureIdentity.federated({ tenantId: context('tenant'), clientId: context('client') });

const azure = new AzureContainerRegistry(stack, 'Registry', {
  identity, subscriptionId: context('subscription'), resourceGroup: 'examples', createResourceGroup: true, registryName: context('name'), location: 'westeurope',
  sku: context('sku') === 'standard' ? AzureRegistrySku.STANDARD : AzureRegistrySku.BASIC, adminUser: context('admin') === 'true', tags: { team: 'web' },
  removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: context('empty') === 'true',
});
const repository = new ImageRepository(stack, 'Repository', { repositoryName: 'azure/web', removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
const image = repository.buildAndPushImage(context('app'));
new CfnOutput(stack, 'Image', { value: image.publishTo(azure, { name: 'team/web', tags: [context('version') || 'v1'] }) });
new CfnOutput(stack, 'Server', { value: azure.loginServer });
new CfnOutput(stack, 'Id', { value: azure.registryId });
if (azure.adminCredentials) new CfnOutput(stack, 'Admin', { value: azure.adminCredentials.secretArn });

// The image is mirrored back from Azure, with the same identity.
if (context('back') === 'true') {
  const back = new ImageRepository(stack, 'Back', { repositoryName: 'azure/back', removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
  const copied = back.publish('web', ImageSource.registry(`${azure.loginServer}/team/web:v1`, { identity }));
  new CfnOutput(stack, 'BackImage', { value: copied.imageUri });
}

// A resource that fails after the registry was created.
if (context('fails') === 'true') {
  const wrong = new CfnResource(stack, 'Wrong', { type: 'Custom::Wrong', properties: { ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:does-not-exist' } });
  wrong.node.addDependency(azure);
}
