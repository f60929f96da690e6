import { Vpc, Peer, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { NetworkLoadBalancer, NetworkTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { bound, exposed, NGINX, openings } from './scene';
import { Exposure, FargateService, NetworkPort } from '../../../../src';
import { Match, newStack } from '../../../helpers/stack';

function scene() {
  const stack = newStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  const cluster = new Cluster(stack, 'Cluster', { vpc });
  const securityGroup = new SecurityGroup(stack, 'Door', { vpc, allowAllOutbound: false });
  const loadBalancer = new NetworkLoadBalancer(stack, 'Shared', { vpc, securityGroups: [securityGroup] });
  return { stack, vpc, cluster, loadBalancer };
}

const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/shared/50dc6c495c0c9188';

describe('a service on a network load balancer that exists', () => {
  test('adds listeners of its own, opens nothing, and lets in that load balancer only', () => {
    const { stack, cluster, loadBalancer } = scene();
    const { template, endpoint } = exposed(Exposure.onNetworkLoadBalancer(loadBalancer, { ports: [NetworkPort.tcp(7000)] }), { cluster }, stack);

    template().resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
    template().hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 7000, LoadBalancerArn: { Ref: Match.stringLikeRegexp('^Shared') } });
    expect(openings(template())).toEqual(['ServiceSecurityGroup <- Door tcp/80']);
    expect(endpoint()).toMatch(/^\$\{Shared\w+\.DNSName\}:7000$/);
  });

  test('opens it to whom you name', () => {
    const { stack, cluster, loadBalancer } = scene();
    const { template } = exposed(Exposure.onNetworkLoadBalancer(loadBalancer, { openTo: [Peer.ipv4('10.0.0.0/8')] }), { cluster }, stack);
    expect(openings(template())).toContain('Door <- 10.0.0.0/8 tcp/80');
  });

  test('shares it with other services, each on ports of its own', () => {
    const { stack, cluster, loadBalancer } = scene();
    const onPort = (id: string, port: number) => () => new FargateService(stack, id, {
      cluster,
      containers: { web: { image: NGINX, port: 80 } },
      exposure: Exposure.onNetworkLoadBalancer(loadBalancer, { ports: [NetworkPort.tcp(port)] }),
    });
    expect(onPort('One', 7000)).not.toThrow();
    expect(onPort('Two', 7001)).not.toThrow();
    expect(onPort('Three', 7000)).toThrow("Stack/Three/Exposure: 'exposure.ports' must differ from the ports of the load balancer that are taken, "
      + 'here by Stack/One/Exposure, got 7000. Let clients connect to another port.');
  });

  test('is told of a port that a listener of yours has taken', () => {
    const { stack, vpc, cluster, loadBalancer } = scene();
    loadBalancer.addListener('Mine', { port: 80, defaultTargetGroups: [new NetworkTargetGroup(stack, 'Group', { vpc, port: 80 })] });
    expect(() => exposed(Exposure.onNetworkLoadBalancer(loadBalancer), { cluster }, stack)).toThrow('here by Stack/Shared/Mine/Resource, got 80');
  });

  test('takes one that is imported with its security groups; it has an endpoint if the name is known', () => {
    const attributes = { loadBalancerArn: ARN, loadBalancerSecurityGroups: ['sg-1'] };
    const imported = (more: object) => bound(
      Exposure.onNetworkLoadBalancer(NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(newStack(), 'Shared', { ...attributes, ...more })), ['web:80/tcp'],
    );
    expect(imported({ loadBalancerDnsName: 'shared.example.com' }).endpoint()).toBe('shared.example.com:80');
    expect(imported({}).config.endpoint).toBeUndefined();
    imported({}).template().hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId: 'sg-1', FromPort: 80, IpProtocol: 'tcp' });
  });
});
