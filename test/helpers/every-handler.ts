import { Stack } from 'aws-cdk-lib';
import { newCluster, newStack } from './stack';
import {
  AzureContainerRegistry, AzureIdentity, BlobMounting, Deployment, Exposure, FargateService, GoogleArtifactRepository, GoogleIdentity,
  ImageBuilder, ImageRepository,
  ImageSource, OneOffFargateTask, OutboundIdentityFederation, RegistrySettings, ScanGate, Severity,
} from '../../src';

/** A stack with every kind of custom resource that this library has. */
export function everyHandler(): Stack {
  const stack = newStack();
  const cluster = newCluster(stack);
  const repository = new ImageRepository(stack, 'Repository');
  const image = repository.publish('web', ImageSource.registry('nginx:1.27'), { scanGate: ScanGate.failOn(Severity.HIGH) });
  repository.publish('built', ImageSource.directory('test/fixtures/app', { builder: ImageBuilder.codeBuild() }));
  new FargateService(stack, 'Service', { cluster, containers: { web: { image } } });
  new FargateService(stack, 'Shifted', {
    cluster, containers: { web: { image, port: 80 } }, deployment: Deployment.blueGreen(),
    exposure: Exposure.publicHttp().also('Network', Exposure.publicNetwork()),
  });
  new OneOffFargateTask(stack, 'Migrate', { cluster, containers: { migrate: { image } } });
  new RegistrySettings(stack, 'Settings', { blobMounting: BlobMounting.enabled() });
  new OutboundIdentityFederation(stack, 'Federation');
  new AzureContainerRegistry(stack, 'Azure', {
    identity: AzureIdentity.federated({ tenantId: '11111111-2222-3333-4444-555555555555', clientId: '66666666-7777-8888-9999-000000000000' }),
    subscriptionId: '99999999-2222-3333-4444-555555555555', resourceGroup: 'examples', location: 'westeurope',
  });
  new GoogleArtifactRepository(stack, 'Google', {
    identity: GoogleIdentity.federated({ projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com' }),
    project: 'my-project', location: 'europe-west1', repositoryId: 'images',
  });
  const GUID = '11111111-1111-4111-8111-111111111111';
  new AzureContainerRegistry(stack, 'Azure', {
    identity: AzureIdentity.federated({ tenantId: GUID, clientId: GUID }), subscriptionId: GUID, resourceGroup: 'examples', location: 'westeurope', adminUser: true,
  });
  return stack;
}
