import { App, CfnOutput, Duration, NestedStack, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { newClusterAndVpc } from './stack';
import {
  BlobMounting, DirectPushSynthesizer, Exposure, ExternalRegistry, FargateService, ImageRepository, ImageRoute, ImageSource,
  LifecycleRule, ManagedSigning, PullThroughCache, RegistryPolicy, RegistryScanning, RegistrySettings, ReplicationRule,
  RepositoryCreation, RepositoryCreationTemplate,
} from '../../src';

const EUROPE = { account: '111122223333', region: 'eu-west-1' };
const AMERICA = { account: '444455556666', region: 'us-east-1' };

/**
 * Small apps that together use all features of this library, by topic.
 *
 * They read `./app`, a folder with a Dockerfile, and `./web.tar`.
 */
export const MANY_APPS: { readonly [about: string]: (app: App) => unknown } = {
  'a folder, copied, behind a load balancer': app => {
    const stack = new Stack(app, 'Web');
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage('./app');
    const service = new FargateService(stack, 'Service', {
      cluster: newClusterAndVpc(stack),
      containers: { web: { image, port: 80, memoryLimitMiB: 128 } }, exposure: Exposure.publicHttp(), desiredCount: 2,
    });
    new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
  },

  'a folder, pushed directly into several repositories': app => {
    const base = new Stack(app, 'Base');
    const repositories = ['web', 'worker'].map(repositoryName => new ImageRepository(base, repositoryName, { repositoryName }));
    const web = new Stack(app, 'Web', { synthesizer: new DirectPushSynthesizer() });
    const task = new FargateTaskDefinition(web, 'Task');
    for (const repository of repositories) {
      task.addContainer(repository.node.id, { image: repository.buildAndPushImage('./app', { scope: web }) });
      repository.buildAndPushImage('./app', { scope: web, target: 'other' });
    }
  },

  'a file of docker save, on both roads': app => {
    const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
    const web = new Stack(app, 'Web', { synthesizer: new DirectPushSynthesizer() });
    repository.publish('direct', ImageSource.tarball('./web.tar'), { scope: web });
    repository.publish('copied', ImageSource.tarball('./web.tar'), { scope: web, route: ImageRoute.COPY });
  },

  'images of registries, public and private': app => {
    const stack = new Stack(app, 'Mirror');
    const repository = new ImageRepository(stack, 'Repository');
    repository.publish('nginx', ImageSource.registry('nginx:1.27'), { tags: ['nginx-1.27'] });
    repository.publish('web', ImageSource.registry('ghcr.io/team/web:v1', { credentials: new Secret(stack, 'Hub') }));
  },

  'an image of another repository and an asset of the app': app => {
    const stack = new Stack(app, 'Promotion');
    const repository = new ImageRepository(stack, 'Repository');
    const stage = Repository.fromRepositoryArn(stack, 'Stage', 'arn:aws:ecr:eu-west-1:111122223333:repository/stage');
    repository.publish('digest', ImageSource.ecr(stage, `sha256:${'a'.repeat(64)}`));
    repository.publish('tag', ImageSource.ecr(stage, 'v1'));
    repository.publish('asset', ImageSource.asset(new DockerImageAsset(stack, 'Asset', { directory: './app', platform: Platform.LINUX_AMD64 })));
  },

  'several images with tags, targets, files, platforms and build options': app => {
    const repository = new ImageRepository(new Stack(app, 'Images'), 'Repository', { repositoryName: 'many' });
    repository.buildAndPushImage('./app', { tags: ['v1.2.3', 'stable'], buildArgs: { B: '2', A: '1' } });
    repository.buildAndPushImage('./app', { target: 'other', buildSecrets: { TOKEN: 'env=TOKEN' } });
    repository.buildAndPushImage('./app', { file: 'Dockerfile.worker', exclude: ['message.txt'] });
    repository.buildAndPushImage('./app', { platform: Platform.LINUX_ARM64 });
  },

  'an image that goes to registries outside of AWS too': app => {
    const stack = new Stack(app, 'Everywhere');
    const credentials = new Secret(stack, 'Credentials');
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage('./app');
    image.publishTo(ExternalRegistry.azure({ loginServer: 'team.azurecr.io', credentials }), { name: 'web', tags: ['v1'] });
    image.publishTo(ExternalRegistry.googleArtifactRegistry({
      location: 'europe-west1', project: 'project', repository: 'images', credentials,
    }), { name: 'web' });
    image.publishTo(ExternalRegistry.oci({ host: 'registry.example.com:5000', credentials }), { name: 'team/web' });
  },

  'a nested stack with a service and an image of its own': app => {
    const stack = new Stack(app, 'Outer');
    const repository = new ImageRepository(stack, 'Repository');
    const image = repository.buildAndPushImage('./app');
    const nested = new NestedStack(stack, 'Nested');
    const own = repository.buildAndPushImage('./app', { target: 'other', scope: nested });
    new FargateService(nested, 'Service', { cluster: newClusterAndVpc(nested), containers: { web: { image, port: 80 }, sidecar: { image: own } } });
  },

  'repositories that exist already': app => {
    const stack = new Stack(app, 'Imported', { env: EUROPE });
    ImageRepository.fromRepositoryName(stack, 'ByName', 'team/web').buildAndPushImage('./app');
    ImageRepository.fromRepositoryArn(stack, 'ByArn', 'arn:aws:ecr:us-east-1:444455556666:repository/web').buildAndPushImage('./app');
  },

  'a repository with a policy and a lifecycle of its own': app => {
    const repository = new ImageRepository(new Stack(app, 'Own'), 'Repository', {
      lifecycleRules: [], removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true,
    });
    repository.addLifecycleRule(LifecycleRule.expireUntagged({ olderThan: Duration.days(3) }));
    repository.addToResourcePolicy(new PolicyStatement({ actions: ['ecr:BatchGetImage'], principals: [new AccountPrincipal('111122223333')] }));
  },

  'settings of whole registries': app => {
    const stack = new Stack(app, 'Registry', { env: EUROPE });
    const credentials = new Secret(stack, 'Hub', { secretName: 'ecr-pullthroughcache/hub' });
    new RegistrySettings(stack, 'Settings', {
      scanning: RegistryScanning.enhanced({ continuous: ['prod/*'] }),
      replication: [ReplicationRule.toAccounts([AMERICA.account], [AMERICA.region])],
      signing: [ManagedSigning.withNewProfile()],
      blobMounting: BlobMounting.enabledUntilRemoved(),
      pullThroughCaches: [PullThroughCache.dockerHub({ credentials }), PullThroughCache.quay()],
      creationTemplates: [RepositoryCreationTemplate.forPrefix('quay', { appliedFor: [RepositoryCreation.PULL_THROUGH_CACHE], lifecycleRules: [] })],
    });
    new RegistrySettings(new Stack(app, 'Replica', { env: AMERICA }), 'Settings', { policy: [RegistryPolicy.allowReplicationFrom([EUROPE.account])] });
  },

  'two stages, two accounts and two regions': app => {
    for (const [name, env, other] of [['Test', EUROPE, AMERICA], ['Production', AMERICA, EUROPE]] as const) {
      const stage = new Stage(app, name);
      const repository = new ImageRepository(new Stack(stage, 'Base', { env }), 'Repository', { repositoryName: 'web' });
      const web = new Stack(stage, 'Web', { env: other, synthesizer: new DirectPushSynthesizer({ qualifier: 'team' }) });
      const image = repository.buildAndPushImage('./app', { scope: web });
      new FargateTaskDefinition(web, 'Task').addContainer('web', { image });
    }
  },

  'every way to run an image': app => {
    const stack = new Stack(app, 'Runners');
    const cluster = newClusterAndVpc(stack);
    const repository = new ImageRepository(stack, 'Repository');
    const image = repository.buildAndPushImage('./app', { platform: Platform.LINUX_ARM64 });
    const amd = repository.buildAndPushImage('./app');
    new FargateService(stack, 'Internal', { cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.internalHttp() });
    const worker = new FargateService(stack, 'Worker', { cluster, containers: { work: { image: amd, cpu: 512, environment: { B: '2', A: '1' } } } });
    worker.addContainer('sidecar', { image: ContainerImage.fromRegistry('nginx'), essential: false });
    new ApplicationLoadBalancedFargateService(stack, 'Pattern', { cluster, taskImageOptions: { image: amd } });
    new DockerImageFunction(stack, 'Function', { code: image.toLambdaCode({ cmd: ['app.handler'] }), architecture: Architecture.ARM_64 });
    new CfnOutput(stack, 'Uri', { value: image.imageUri });
  },
};

/** A negative example: an app that records when and where it was synthesized. */
export const RESTLESS_APP = (app: App) => {
  const stack = new Stack(app, 'Restless');
  for (const [name, value] of Object.entries({
    Time: new Date().toISOString(), Now: `${Date.now()}`, TimeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    Language: Intl.DateTimeFormat().resolvedOptions().locale, Folder: process.cwd(), Process: `${process.pid}`, Dice: `${Math.random()}`,
  })) new CfnOutput(stack, name, { value });
};
