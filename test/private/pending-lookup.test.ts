import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ApplicationListener, ApplicationLoadBalancer, NetworkListener, NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { isKnown, isPendingLookup } from '../../src/private/lookups';

const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
const loadBalancerTags = { some: 'tag' };

test.each<[string, string]>([
  ['a parameter', StringParameter.valueFromLookup(stack, '/waf/arn')],
  ['a text with a parameter in it', `nginx:${StringParameter.valueFromLookup(stack, 'version')}`],
  ['a VPC', Vpc.fromLookup(stack, 'Vpc', { isDefault: true }).vpcId],
  ['the zones of a stack', stack.availabilityZones[0]],
  ['the last of them', stack.availabilityZones[2]],
  ['an application load balancer', ApplicationLoadBalancer.fromLookup(stack, 'Alb', { loadBalancerTags }).loadBalancerArn],
  ['a network load balancer', NetworkLoadBalancer.fromLookup(stack, 'Nlb', { loadBalancerTags }).loadBalancerArn],
  ['a listener', ApplicationListener.fromLookup(stack, 'Listener', { loadBalancerTags }).listenerArn],
  ['a listener of a network load balancer', NetworkListener.fromLookup(stack, 'NetworkListener', { loadBalancerTags }).listenerArn],
  ['a repository', Repository.fromLookup(stack, 'Repository', { repositoryName: 'x' }).repositoryName],
  ['the ARN of a repository', Repository.fromLookup(stack, 'Other', { repositoryName: 'x' }).repositoryArn],
  ['a role', Role.fromLookup(stack, 'Role', { roleName: 'x' }).roleArn],
])('the dummy value of CDK for %s is recognized as a pending lookup', (_, value) => {
  expect(isPendingLookup(value)).toBe(true);
  expect(isKnown(value)).toBe(false);
});

test.each<[string, unknown]>([
  ['an ARN', 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/my-load-balancer/50dc6c495c0c9188'],
  ['a VPC', 'vpc-123456'], ['a zone', 'eu-west-1a'], ['a text', 'dummy'], ['nothing', undefined], ['null', null], ['a number', 12345],
])('%s is known', (_, value) => {
  expect(isPendingLookup(value)).toBe(false);
  expect(isKnown(value)).toBe(true);
});

test('a token is neither known nor a pending lookup', () => {
  const token = Lazy.string({ produce: () => 'x' });
  expect([isPendingLookup(token), isKnown(token)]).toEqual([false, false]);
});
