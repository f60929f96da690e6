import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Cluster, ContainerImage, IBaseService, ICluster } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Exposure, FargateService, ImageRepository, RepositoryMigration, Scaling, ServiceMigration } from 'cdk-container-delivery';

// Two versions of a program: with aws-ecs-patterns, and with this library. The context chooses one.
const app = new App();
const stack = new Stack(app, 'Takeover');
const folder: string = app.node.getContext('app');
const vpc = new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
const cluster = new Cluster(stack, 'Cluster', { vpc });

interface Result {
  readonly service: IBaseService;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly repositoryName: string;
}

function before(ofStack: Stack, ofCluster: ICluster): Result {
  const repository = new Repository(ofStack, 'Repository', { repositoryName: 'takeover/web', removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
  const { service, loadBalancer } = new ApplicationLoadBalancedFargateService(ofStack, 'Service', {
    cluster: ofCluster, assignPublicIp: true, serviceName: 'takeover', loadBalancerName: 'takeover', minHealthyPercent: 100,
    taskImageOptions: { image: ContainerImage.fromAsset(folder), containerPort: 8080 },
  });
  service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 2 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
  return { service, loadBalancer, repositoryName: repository.repositoryName };
}

function after(ofStack: Stack, ofCluster: ICluster): Result {
  const repository = new ImageRepository(ofStack, 'Images', { repositoryName: 'takeover/web', removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
  RepositoryMigration.fromRepository(ofStack, 'Repository').applyTo(repository);
  const service = new FargateService(ofStack, 'Web', {
    cluster: ofCluster, assignPublicIp: true, serviceName: 'takeover',
    containers: { web: { image: repository.buildAndPushImage(folder), port: 8080 } },
    exposure: Exposure.publicHttp({ loadBalancerName: 'takeover' }),
    scaling: Scaling.between(1, 2).onCpu(60),
  });
  if (app.node.tryGetContext('step') !== 'without') {
    ServiceMigration.fromApplicationLoadBalancedFargateService(ofStack, 'Service', { cpuPolicy: 'Cpu' }).applyTo(service);
  }
  return { service: service.ecsService, loadBalancer: service.loadBalancer as ApplicationLoadBalancer, repositoryName: repository.repositoryName };
}

const { service, loadBalancer, repositoryName } = app.node.getContext('step') === 'before' ? before(stack, cluster) : after(stack, cluster);
const outputs = {
  ServiceArn: service.serviceArn, LoadBalancerArn: loadBalancer.loadBalancerArn,
  Host: loadBalancer.loadBalancerDnsName, RepositoryName: repositoryName,
};
Object.entries(outputs).forEach(([id, value]) => new CfnOutput(stack, id, { value }));
