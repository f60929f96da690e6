import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { BuildAttestation, BuildCache, FargateService, ImageBuilder, ImageRepository, ImageTagMutability, ProvenanceDetail } from 'cdk-container-delivery';

// CodeBuild builds all images. The context controls their content.
const app = new App();
const stack = new Stack(app, 'RemoteBuild');
const context = (key: string): string => app.node.tryGetContext(key) ?? '';
const repository = new ImageRepository(stack, 'Repository', { repositoryName: 'remote/web', imageTagMutability: ImageTagMutability.immutableExcept('cache-*') });
const vpc = new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });

const registryCredentials = { 'registry.example.com': Secret.fromSecretCompleteArn(stack, 'Registry', context('registry')) };

const image = repository.buildAndPushImage(context('app'), {
  builder: ImageBuilder.codeBuild({
    secrets: { npm: Secret.fromSecretCompleteArn(stack, 'Npm', context('secret')) },
    registryCredentials,
    cache: BuildCache.registry(),
  }),
  buildArgs: { GREETING: context('greeting') },
});
new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }), vpcSubnets: { subnetType: SubnetType.PUBLIC },
  containers: { web: { image, port: 8080, environment: { VERSION: context('version') } } },
});
new CfnOutput(stack, 'Image', { value: image.imageUri });

if (context('onHost')) {
  const onHost = new ImageRepository(stack, 'OnHostRepository', { repositoryName: 'remote/on-host' });
  onHost.buildAndPushImage(context('onHost'), { builder: ImageBuilder.codeBuild({ registryCredentials, cache: BuildCache.local() }) });
}

if (context('both')) {
  const both = new ImageRepository(stack, 'BothRepository', { repositoryName: 'remote/both' });
  const attestations = [BuildAttestation.provenance(ProvenanceDetail.MAX), BuildAttestation.sbom(context('scanner'))];
  const onBoth = both.buildAndPushImage(context('both'), {
    builder: ImageBuilder.codeBuild({ attestations, registryCredentials }), platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64],
  });
  new CfnOutput(stack, 'Both', { value: onBoth.imageUri });
}
