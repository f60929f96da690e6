import { Stack } from 'aws-cdk-lib';
import { newCluster, newStack } from './stack';
import {
  AzureContainerRegistry, AzureIdentity, BlobMounting, Deployment, Exposure, FargateService, GoogleArtifactRepository, GoogleIdentity,
  ImageBuilder, ImageRepository, ImageSource, OneOffFargateTask, OutboundIdentityFederation, RegistrySettings, ScanGate, Severity,
} from '../../src';

/** A stack with every kind of custom resource of this library. */
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
  new GoogleArtifactRepository(stack, 'Google', {
    identity: GoogleIdentity.federated({ projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com' }),
    project: 'my-project', location: 'europe-west1', repositoryId: 'images',
  });
  const id = '11111111-1111-4111-8111-111111111111';
  new AzureContainerRegistry(stack, 'Azure', {
    identity: AzureIdentity.federated({ tenantId: id, clientId: id }), subscriptionId: id, resourceGroup: 'examples', location: 'westeurope', adminUser: true,
  });
  return stack;
}
