import { App, Stack } from 'aws-cdk-lib';
import { Vpc, Peer, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { NetworkListener, NetworkLoadBalancer, NetworkTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
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

describe('a service on an existing network load balancer', () => {
  test('adds its own listeners, opens no port to clients, and accepts traffic from this load balancer only', () => {
    const { stack, cluster, loadBalancer } = scene();
    const { template, endpoint } = exposed(Exposure.onNetworkLoadBalancer(loadBalancer, { ports: [NetworkPort.tcp(7000)] }), { cluster }, stack);

    template().resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
    template().hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 7000, LoadBalancerArn: { Ref: Match.stringLikeRegexp('^Shared') } });
    expect(openings(template())).toEqual(['ServiceSecurityGroup <- Door tcp/80']);
    expect(endpoint()).toMatch(/^\$\{Shared\w+\.DNSName\}:7000$/);
  });

  test('opens the ports to the clients that you name', () => {
    const { stack, cluster, loadBalancer } = scene();
    const { template } = exposed(Exposure.onNetworkLoadBalancer(loadBalancer, { openTo: [Peer.ipv4('10.0.0.0/8')] }), { cluster }, stack);
    expect(openings(template())).toContain('Door <- 10.0.0.0/8 tcp/80');
  });

  test('shares it with other services, each on its own ports', () => {
    const { stack, cluster, loadBalancer } = scene();
    const onPort = (id: string, port: number) => () => new FargateService(stack, id, {
      cluster,
      containers: { web: { image: NGINX, port: 80 } },
      exposure: Exposure.onNetworkLoadBalancer(loadBalancer, { ports: [NetworkPort.tcp(port)] }),
    });
    expect(onPort('One', 7000)).not.toThrow();
    expect(onPort('Two', 7001)).not.toThrow();
    expect(onPort('Three', 7000)).toThrow("Stack/Three/Exposure: 'exposure.ports[0]' must differ from "
      + "'the port of Stack/One/Exposure/Port7000/Listener/Resource', got 7000. Use another port for one of them.");
  });

  test('reports a port that one of your listeners uses', () => {
    const { stack, vpc, cluster, loadBalancer } = scene();
    loadBalancer.addListener('Mine', { port: 80, defaultTargetGroups: [new NetworkTargetGroup(stack, 'Group', { vpc, port: 80 })] });
    expect(() => exposed(Exposure.onNetworkLoadBalancer(loadBalancer), { cluster }, stack)).toThrow("'exposure.ports[0]' must differ from 'the port of Stack/Shared/Mine/Resource', got 80");
  });

  test('reports a port of a listener that you created elsewhere', () => {
    const { stack, vpc, cluster, loadBalancer } = scene();
    new NetworkListener(stack, 'Mine', { loadBalancer, port: 80, defaultTargetGroups: [new NetworkTargetGroup(stack, 'Group', { vpc, port: 80 })] });
    expect(() => exposed(Exposure.onNetworkLoadBalancer(loadBalancer), { cluster }, stack)).toThrow("must differ from 'the port of Stack/Mine/Resource', got 80");
  });

  test('reports a port that another stack uses, which imports the same load balancer', () => {
    const app = new App();
    const inStack = (id: string) => () => {
      const stack = new Stack(app, id);
      const loadBalancer = NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(stack, 'Shared', { loadBalancerArn: ARN, loadBalancerSecurityGroups: ['sg-1'] });
      exposed(Exposure.onNetworkLoadBalancer(loadBalancer), {}, stack);
    };
    expect(inStack('One')).not.toThrow();
    expect(inStack('Two')).toThrow("Two/Service/Exposure: 'exposure.ports[0]' must differ from 'the port of One/Service/Exposure/Port80/Listener/Resource', got 80");
  });

  test('must be in the same VPC, because the load balancer could not reach the tasks otherwise', () => {
    const { stack, loadBalancer } = scene();
    const cluster = new Cluster(stack, 'Elsewhere', { vpc: new Vpc(stack, 'Other', { maxAzs: 2 }) });
    expect(() => exposed(Exposure.onNetworkLoadBalancer(loadBalancer), { cluster }, stack))
      .toThrow("Stack/Service/Exposure: 'exposure' must be a load balancer in Stack/Other, the VPC of the service, got \"Stack/Vpc\"");
  });

  test('accepts one that is imported with its security groups; it has an endpoint if the DNS name is known', () => {
    const attributes = { loadBalancerArn: ARN, loadBalancerSecurityGroups: ['sg-1'] };
    const imported = (more: object) => bound(
      Exposure.onNetworkLoadBalancer(NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(newStack(), 'Shared', { ...attributes, ...more })), ['web:80/tcp'],
    );
    expect(imported({ loadBalancerDnsName: 'shared.example.com' }).endpoint()).toBe('shared.example.com:80');
    expect(imported({}).config.endpoint).toBeUndefined();
    imported({}).template().hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId: 'sg-1', FromPort: 80, IpProtocol: 'tcp' });
  });
});
