import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ACCOUNT, REGION } from './deployed';
import {
  AzureContainerRegistry, AzureIdentity, BlobMounting, Deployment, Exposure, FargateService, GoogleArtifactRepository, GoogleIdentity,
  ImageBuilder, ImageRepository, ImageSource,
  NetworkPort, OneOffFargateTask, OutboundIdentityFederation, RegistrySettings, ScanGate, Severity,
} from '../../src';
import { ContainerImageCheck, ImageCheckHandler } from '../../src/image-check/container-image-check';
import { newCluster } from '../helpers/stack';

/** An app with every handler, and for each handler everything that adds a permission. */
export function everyHandlerWithEveryPermission(): { readonly app: App; readonly stack: Stack } {
  const app = new App({ context: { 'aws:cdk:enable-asset-metadata': true } });
  const stack = new Stack(app, 'Contracts', { env: { account: ACCOUNT, region: REGION } });
  const cluster = newCluster(stack);
  const repository = new ImageRepository(stack, 'Repository');
  const image = repository.publish('web', ImageSource.registry('nginx:1.27'), { scanGate: ScanGate.failOn(Severity.HIGH) });
  const source = Repository.fromRepositoryName(stack, 'Source', 'source/api');
  repository.publish('api', ImageSource.ecr(source, 'v1'));
  repository.publish('private', ImageSource.registry('quay.io/team/private:1', { credentials: new Secret(stack, 'Quay') }));
  repository.publish('built', ImageSource.directory('test/fixtures/app', { builder: ImageBuilder.codeBuild() }));
  new FargateService(stack, 'Service', { cluster, containers: { web: { image } } });
  new FargateService(stack, 'Shop', {
    cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp(), deployment: Deployment.blueGreen(),
  });
  new FargateService(stack, 'Broker', {
    cluster, containers: { web: { image, port: 80 } }, deployment: Deployment.blueGreen(),
    exposure: Exposure.internalNetwork({ ports: [NetworkPort.tcp(80, { idleTimeout: Duration.minutes(10) })] }),
  });
  // As in a stack that runs an image of another stack.
  new ContainerImageCheck(stack, 'OwnCheck', {
    handler: new ImageCheckHandler(stack, 'OwnChecker'), repository, version: image.imageDigest, runner: 'FARGATE', usedBy: "the container 'web'", architecture: 'X86_64',
  });
  new OneOffFargateTask(stack, 'Migrate', { cluster, containers: { migrate: { image } }, timeout: Duration.minutes(5) });
  new RegistrySettings(stack, 'Settings', { blobMounting: BlobMounting.enabledUntilRemoved() });
  new OutboundIdentityFederation(stack, 'Federation', { removalPolicy: RemovalPolicy.DESTROY });
  repository.publish('google', ImageSource.registry('europe-west1-docker.pkg.dev/my-project/images/web:1', {
    identity: GoogleIdentity.federated({ projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com' }),
  }));
  new GoogleArtifactRepository(stack, 'Google', {
    identity: GoogleIdentity.federated({ projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com' }),
    project: 'my-project', location: 'europe-west1', repositoryId: 'images', removalPolicy: RemovalPolicy.DESTROY,
  });
  const GUID = '11111111-1111-4111-8111-111111111111';
  const azure = { subscriptionId: GUID, resourceGroup: 'examples', location: 'westeurope', removalPolicy: RemovalPolicy.DESTROY };
  new AzureContainerRegistry(stack, 'Azure', {
    ...azure, identity: AzureIdentity.federated({ tenantId: GUID, clientId: GUID }), registryName: 'teamimages', adminUser: true,
  });
  const role = Role.fromRoleArn(stack, 'AzureRole', `arn:aws:iam::${ACCOUNT}:role/azure`);
  new AzureContainerRegistry(stack, 'ByRole', { ...azure, identity: AzureIdentity.federated({ tenantId: GUID, clientId: GUID, role }), registryName: 'otherimages' });
  return { app, stack };
}
