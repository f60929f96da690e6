import { createRequire } from 'node:module';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnService } from 'aws-cdk-lib/aws-apprunner';
import { InstanceType, Port, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster, ContainerImage, Ec2TaskDefinition, FargateTaskDefinition, LogDrivers, NetworkMode } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancedEc2Service, ApplicationLoadBalancedFargateService, NetworkLoadBalancedFargateService, QueueProcessingFargateService,
} from 'aws-cdk-lib/aws-ecs-patterns';
import { DockerImageCode, DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Destination, DockerImageDeployment, Source } from 'cdk-docker-image-deployment';
import { DockerImageName, ECRDeployment } from 'cdk-ecr-deployment';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import * as library from '../../src';
import { checkMigration } from '../../src/migration-check/check-migration';
import { Severity } from '../../src/migration-check/finding';
import { FEATURE_FLAGS } from '../helpers/cdk-init';
import { markdownPage } from '../helpers/markdown';
import { effectsOf, PlainTemplate } from '../helpers/replacements';
import { APP } from '../helpers/stack';

// The programs of the guides, compared with typical earlier programs.
const { JSII_DEPRECATED } = process.env;
beforeAll(() => {
  // The other constructs call deprecated functions of aws-cdk-lib.
  process.env.JSII_DEPRECATED = 'quiet';
  process.env.CDK_CONTEXT_JSON = JSON.stringify(FEATURE_FLAGS);
});
afterAll(() => {
  process.env.JSII_DEPRECATED = JSII_DEPRECATED;
  delete process.env.CDK_CONTEXT_JSON;
});

/** The template of a program in a guide, by its position among those in TypeScript. */
function programOf(guide: string, position: number): PlainTemplate {
  const { code } = markdownPage(`docs/guides/${guide}.md`).blocks.filter(({ language }) => language === 'ts')[position];
  const source = `${code.replace(/'\.\/app'/g, JSON.stringify(APP))}\nexport const appOfProgram = app;\n`;
  const { outputText } = transpileModule(source, { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } });
  const compiled: { appOfProgram?: App } = {};
  const fromHere = createRequire(__filename);
  new Function('exports', 'require', outputText)(compiled, (name: string) => name === 'cdk-container-delivery' ? library : fromHere(name) as unknown);
  return (compiled.appOfProgram as App).synth().stacks[0].template as PlainTemplate;
}

function templateOf(build: (stack: Stack) => void): PlainTemplate {
  const app = new App();
  const stack = new Stack(app, 'Shop');
  build(stack);
  return app.synth().getStackByName('Shop').template as PlainTemplate;
}

const clusterIn = (stack: Stack) => new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }) });

interface Migration {
  readonly guide: string;
  readonly position: number;
  readonly before: (stack: Stack) => void;
  /** The types of resources that are replaced. */
  readonly replaced: string[];
  /** The types that are deleted. */
  readonly deleted?: string[];
}

const pattern = (stack: Stack) => {
  const { service } = new ApplicationLoadBalancedFargateService(stack, 'Service', {
    cluster: clusterIn(stack), taskImageOptions: { image: ContainerImage.fromAsset(APP), containerPort: 8080 },
    minHealthyPercent: 100, circuitBreaker: { enable: true, rollback: true },
  });
  return service;
};

const MIGRATIONS: Migration[] = [
  { guide: 'migrating/aws-ecs-patterns', position: 0, before: pattern, replaced: ['AWS::ECS::TaskDefinition'] },
  {
    guide: 'migrating/aws-ecs-patterns', position: 1, replaced: ['AWS::ECS::TaskDefinition'],
    before: stack => pattern(stack).autoScaleTaskCount({ maxCapacity: 4 }).scaleOnCpuUtilization('CpuScaling', { targetUtilizationPercent: 60 }),
  },
  {
    guide: 'migrating', position: 0, replaced: ['AWS::ECS::TaskDefinition'],
    before: stack => {
      new Repository(stack, 'Repository', { repositoryName: 'shop/web' });
      new ApplicationLoadBalancedFargateService(stack, 'Service', {
        cluster: clusterIn(stack), serviceName: 'shop', taskImageOptions: { image: ContainerImage.fromAsset(APP), containerPort: 8080 },
      });
    },
  },
  {
    guide: 'migrating/network-and-ec2-services', position: 0, replaced: ['AWS::ECS::TaskDefinition'],
    before: stack => {
      const { loadBalancer, service } = new NetworkLoadBalancedFargateService(stack, 'Service', {
        cluster: clusterIn(stack), listenerPort: 5432, taskImageOptions: { image: ContainerImage.fromAsset(APP), containerPort: 8080 },
      });
      loadBalancer.connections.allowFromAnyIpv4(Port.tcp(5432));
      service.connections.allowFrom(loadBalancer, Port.tcp(8080));
    },
  },
  {
    guide: 'migrating/network-and-ec2-services', position: 1, replaced: ['AWS::ECS::TaskDefinition'],
    before: stack => {
      const cluster = clusterIn(stack);
      cluster.addCapacity('Instances', { instanceType: new InstanceType('t3.small') });
      const taskDefinition = new Ec2TaskDefinition(stack, 'TaskDef', { networkMode: NetworkMode.AWS_VPC });
      taskDefinition.addContainer('web', {
        image: ContainerImage.fromAsset(APP), memoryReservationMiB: 256, portMappings: [{ containerPort: 8080 }], logging: LogDrivers.awsLogs({ streamPrefix: 'web' }),
      });
      new ApplicationLoadBalancedEc2Service(stack, 'Service', { cluster, taskDefinition });
    },
  },
  {
    guide: 'migrating/queue-and-scheduled-tasks', position: 0, replaced: ['AWS::ECS::TaskDefinition'],
    before: stack => new QueueProcessingFargateService(stack, 'Service', { cluster: clusterIn(stack), image: ContainerImage.fromAsset(APP), maxScalingCapacity: 4 }),
  },
  {
    guide: 'migrating/aws-ecr-assets', position: 0, replaced: ['AWS::ECS::TaskDefinition'], deleted: ['AWS::IAM::Policy', 'AWS::IAM::Role'],
    before: stack => {
      new FargateTaskDefinition(stack, 'Task').addContainer('web', { image: ContainerImage.fromAsset(APP) });
      new DockerImageFunction(stack, 'Api', { code: DockerImageCode.fromImageAsset(APP) });
    },
  },
  {
    guide: 'migrating/cdk-ecr-deployment', position: 0, replaced: [],
    before: stack => {
      const repository = new Repository(stack, 'Repository', { repositoryName: 'shop/web' });
      const asset = new DockerImageAsset(stack, 'Asset', { directory: APP });
      new ECRDeployment(stack, 'Deployment', {
        src: new DockerImageName(asset.imageUri), dest: new DockerImageName(repository.repositoryUriForTag('v1.2.3')),
      });
    },
    deleted: ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup', 'Custom::CDKECRDeployment'],
  },
  {
    guide: 'migrating/cdk-docker-image-deployment', position: 0, replaced: [],
    before: stack => {
      const repository = new Repository(stack, 'Repository');
      new DockerImageDeployment(stack, 'Deployment', { source: Source.directory(APP), destination: Destination.ecr(repository, { tag: 'latest' }) });
    },
    deleted: [
      'AWS::CloudFormation::CustomResource', 'AWS::CodeBuild::Project', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::Function',
      'AWS::Logs::LogGroup', 'AWS::StepFunctions::StateMachine',
    ],
  },
  {
    guide: 'migrating/app-runner', position: 0, replaced: [],
    before: stack => new CfnService(stack, 'Service', {
      sourceConfiguration: { imageRepository: { imageIdentifier: 'public.ecr.aws/nginx/nginx:1.27', imageRepositoryType: 'ECR_PUBLIC' } },
    }),
  },
];

test.each(MIGRATIONS.map(each => [path.basename(each.guide), each.position + 1, each] as const))(
  'the guide "%s", program %i: the resources that users have stay', (_, __, { guide, position, before, replaced, deleted = [] }) => {
    const [old, now] = [templateOf(before), programOf(guide, position)];
    const effects = effectsOf(old, now);
    const typesOf = (ids: string[]) => [...new Set(ids.map(id => old.Resources[id].Type))].sort();

    expect(typesOf(effects.replaced)).toEqual(replaced);
    expect(typesOf(effects.deleted).filter(type => !deleted.includes(type))).toEqual([]);
    const lost = checkMigration(old, now).filter(({ severity }) => severity !== Severity.CHANGES).map(({ subject, what }) => `${subject}: ${what}`);
    // As the guides say, the logs of the removed functions are deleted, with an output that links to them.
    expect(lost.filter(text => deleted.length < 5 || !/AWS::Logs::LogGroup is deleted|^output DeploymentCustomResourceReport/.test(text))).toEqual([]);
  });
