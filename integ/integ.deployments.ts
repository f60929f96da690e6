import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { CircuitBreaker, Deployment, DeploymentHook, DeploymentStage, Exposure, FargateService } from 'cdk-container-delivery';

// Every deployment strategy, with both kinds of load balancers and Service Connect, which can shift traffic. Synthesized, not deployed.
const app = new App();
const stack = new Stack(app, 'Deployments');
const vpc = new Vpc(stack, 'Vpc', {
  maxAzs: 2, natGateways: 0,
  subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }, { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
});
const cluster = new Cluster(stack, 'Cluster', { vpc });
cluster.addDefaultCloudMapNamespace({ name: 'internal', useForServiceConnect: true });
const test = new Function(stack, 'Test', {
  runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('exports.handler = async () => ({ hookStatus: "SUCCEEDED" });'),
});
const alarms = [new Alarm(stack, 'Errors', { metric: new Metric({ namespace: 'Shop', metricName: 'Errors' }), threshold: 1, evaluationPeriods: 1 })];
const hooks = [DeploymentHook.lambda(test, { stages: [DeploymentStage.POST_TEST_TRAFFIC_SHIFT] })];

const deployments: { [name: string]: Deployment } = {
  Rolling: Deployment.rolling(),
  RollingTold: Deployment.rolling({
    minHealthyPercent: 50, maxHealthyPercent: 150, circuitBreaker: CircuitBreaker.afterFailures(5), alarms, redeployOn: ['1'],
  }),
  BlueGreen: Deployment.blueGreen({ testPort: 8080, alarms, hooks }),
  Linear: Deployment.linear({ stepPercent: 25, stepBakeTime: Duration.minutes(5) }),
  Canary: Deployment.canary({
    canaryPercent: 5,
    canaryBakeTime: Duration.minutes(10),
    hooks: [DeploymentHook.pause({ stages: [DeploymentStage.POST_TEST_TRAFFIC_SHIFT], timeout: Duration.hours(1) })],
  }),
};
const containers = { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } };
for (const [name, deployment] of Object.entries(deployments)) {
  for (const [kind, exposure] of Object.entries({ Http: Exposure.publicHttp(), Network: Exposure.publicNetwork() })) {
    new FargateService(stack, `${name}${kind}`, { cluster, desiredCount: 4, containers, exposure, deployment });
  }
}
// Service Connect has no test port, but a test header.
for (const [name, deployment] of Object.entries({ ...deployments, BlueGreen: Deployment.blueGreen({ alarms, hooks }) })) {
  const exposure = Exposure.serviceConnect({ dnsName: name.toLowerCase(), testHeader: name === 'BlueGreen' ? { name: 'x-test' } : undefined });
  new FargateService(stack, `${name}Mesh`, { cluster, desiredCount: 4, containers, exposure, deployment });
}
new IntegTest(app, 'Integ', { testCases: [stack] });
