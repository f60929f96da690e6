// One service of plain constructs, whose image uses one of the compared ways.
import { App, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, CpuArchitecture, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer, ApplicationProtocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { DirectPushSynthesizer, ImageRepository } from 'cdk-container-delivery';

/** The context values of the benchmark. */
const app = new App();
const stackName = String(app.node.tryGetContext('stack'));
const route = String(app.node.tryGetContext('route'));
const folder = String(app.node.tryGetContext('app'));

function imageOf(stack: Stack): ContainerImage {
  if (route === 'plain') return ContainerImage.fromAsset(folder);
  if (route === 'copy') return new ImageRepository(stack, 'Repository').buildAndPushImage(folder);
  const base = new Stack(app, `${stackName}Repository`, { synthesizer: new DirectPushSynthesizer() });
  return new ImageRepository(base, 'Repository', { repositoryName: `loop/${stackName.toLowerCase()}` }).buildAndPushImage(folder, { scope: stack });
}

const stack = new Stack(app, stackName, route === 'direct' ? { synthesizer: new DirectPushSynthesizer() } : {});
const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
const taskDefinition = new FargateTaskDefinition(stack, 'Task', { runtimePlatform: { cpuArchitecture: CpuArchitecture.X86_64 } });
taskDefinition.addContainer('web', { image: imageOf(stack), portMappings: [{ containerPort: 8080 }] });
const service = new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }), taskDefinition, vpcSubnets: { subnetType: SubnetType.PUBLIC }, minHealthyPercent: 100,
});
const balancer = new ApplicationLoadBalancer(stack, 'Balancer', { vpc, internetFacing: true });
balancer.addListener('Http', { port: 80 }).addTargets('Web', { port: 8080, protocol: ApplicationProtocol.HTTP, targets: [service] });
