import { Stack } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Deployment, Exposure, FargateService, HttpRoute, Scaling, ServerIdentity } from '../../../src';
import { certificateIn, clusterOf, newRegionalStack, sharedListener } from '../../helpers/http-exposure';
import { Template } from '../../helpers/stack';
import { messageOf } from '../../helpers/wrong-input';

const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:111111111111';

function define(stack: Stack, exposure: Exposure, deployment?: Deployment): void {
  new FargateService(stack, 'Service', {
    cluster: clusterOf(stack), containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } }, exposure, deployment,
    scaling: Scaling.between(1, 9).onRequestsPerTarget(1000),
  });
}

function policyOf(stack: Stack) {
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ApplicationAutoScaling::ScalingPolicy'));
  return Properties.TargetTrackingScalingPolicyConfiguration;
}

const securityGroup = (stack: Stack) => SecurityGroup.fromSecurityGroupId(stack, 'Given', 'sg-1');
const KINDS: [string, (stack: Stack) => Exposure][] = [
  ['public HTTP', () => Exposure.publicHttp()],
  ['internal HTTP', () => Exposure.internalHttp()],
  ['public HTTPS', stack => Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack)))],
  ['a load balancer that exists', stack => Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, { port: 8080 })],
  ['a shared listener', stack => Exposure.onListener(sharedListener(stack), HttpRoute.path('/api/*'))],
  ['an imported listener', stack => Exposure.onListener(ApplicationListener.fromApplicationListenerAttributes(stack, 'Imported', {
    listenerArn: `${ARN}:listener/app/shared/1/2`, securityGroup: securityGroup(stack),
  }), HttpRoute.path('/api/*'))],
  ['an imported load balancer', stack => Exposure.onLoadBalancer(ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Imported', {
    loadBalancerArn: `${ARN}:loadbalancer/app/shared/1`, securityGroupId: 'sg-1', vpc: clusterOf(stack).vpc, loadBalancerDnsName: 'shared.example.com',
  }), { port: 8080 })],
];

describe('the requests per task are counted by', () => {
  test.each(KINDS)('%s', (_kind, make) => {
    const stack = newRegionalStack();
    define(stack, make(stack));
    expect(policyOf(stack).PredefinedMetricSpecification).toEqual({
      PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel: { 'Fn::Join': ['', expect.anything()] },
    });
  });
});

test('the requests of all load balancers are added up', () => {
  const stack = newRegionalStack();
  define(stack, Exposure.internalNetwork().also('Web', Exposure.publicHttp()).also('Inner', Exposure.internalHttp()));
  expect(policyOf(stack).CustomizedMetricSpecification.Metrics.at(-1).Expression).toBe('FILL(group0, 0) + FILL(group1, 0)');
});

describe('and, while a deployment shifts traffic between target groups, by both target groups of', () => {
  test.each(KINDS.slice(0, 5))('%s', (_kind, make) => {
    const stack = newRegionalStack();
    define(stack, make(stack), Deployment.blueGreen());
    expect(policyOf(stack).CustomizedMetricSpecification.Metrics.at(-1).Expression).toBe('FILL(group0, 0) + FILL(group1, 0)');
  });
});

test.each<[string, () => Exposure]>([
  ['a network load balancer', () => Exposure.internalNetwork()], ['Service Connect', () => Exposure.serviceConnectClient()], ['nothing', () => Exposure.none()],
])('but not by %s, which is reported', (_kind, make) => {
  const stack = newRegionalStack();
  expect(messageOf(() => define(stack, make())))
    .toMatch(/^Stack\/Service\/Scaling: 'scaling\.onRequestsPerTarget' must have an application load balancer|namespace/);
});
