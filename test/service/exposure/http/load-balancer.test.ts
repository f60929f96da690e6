import { Stack } from 'aws-cdk-lib';
import { Peer, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Exposure, HttpRoute, OnLoadBalancerOptions, ServerIdentity } from '../../../../src';
import { certificateIn, clusterOf, exposed, newRegionalStack, sharedListener, zoneIn } from '../../../helpers/http-exposure';
import { flatten, Match, newClusterAndVpc, Template } from '../../../helpers/stack';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

function imported(stack: Stack, loadBalancerDnsName?: string) {
  return ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Imported', {
    loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/app/shared/1', securityGroupId: 'sg-1',
    loadBalancerDnsName, loadBalancerCanonicalHostedZoneId: loadBalancerDnsName && 'Z2',
  });
}

describe('a service with its own listener on an existing load balancer', () => {
  test('is open to the clients that the load balancer already accepts', () => {
    const stack = newRegionalStack();
    const { loadBalancer } = sharedListener(stack);
    const { service } = exposed(Exposure.onLoadBalancer(loadBalancer, { port: 8080 }), { stack });

    expect(flatten(stack.resolve(service.endpoint))).toMatch(/^http:\/\/\$\{Shared\w+\.DNSName\}:8080$/);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
    template.hasResourceProperties(LISTENER, { Port: 8080, DefaultActions: [Match.objectLike({ Type: 'forward' })] });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: [Match.objectLike({ FromPort: 80, CidrIp: '0.0.0.0/0' })] });
  });

  test('can serve HTTPS under its own domain name', () => {
    const stack = newRegionalStack();
    const identity = ServerIdentity.domain('app.example.com', zoneIn(stack));
    const { service } = exposed(Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, { identity, openTo: [Peer.anyIpv4()] }), { stack });

    expect(service.endpoint).toBe('https://app.example.com');
    Template.fromStack(stack).hasResourceProperties(LISTENER, { Port: 443, Protocol: 'HTTPS', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' });
    Template.fromStack(stack).resourceCountIs('AWS::Route53::RecordSet', 1);
  });

  test('uses your TLS settings if it has a certificate, and rejects them without one', () => {
    const listenerWith = (makeOptions: (stack: Stack) => OnLoadBalancerOptions) => {
      const stack = newRegionalStack();
      exposed(Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, { port: 8443, ...makeOptions(stack) }), { stack });
      return Template.fromStack(stack);
    };
    listenerWith(stack => ({ identity: ServerIdentity.certificate(certificateIn(stack), { domainName: 'app.example.com' }), sslPolicy: SslPolicy.TLS13_13 }))
      .hasResourceProperties(LISTENER, { Port: 8443, SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' });
    expect(() => listenerWith(() => ({ sslPolicy: SslPolicy.TLS13_13 }))).toThrow(
      "Stack/Service/Exposure: 'exposure.sslPolicy' must be left out without an identity, because the listener uses HTTP, "
      + 'got "ELBSecurityPolicy-TLS13-1-3-2021-06". Give an identity too',
    );
  });

  test('accepts an imported load balancer, and has an endpoint if the DNS name is known', () => {
    const endpointOn = (dnsName?: string, identity?: ServerIdentity) => {
      const stack = newRegionalStack();
      return exposed(Exposure.onLoadBalancer(imported(stack, dnsName), { identity }), { stack }).service.endpoint;
    };
    expect(endpointOn('shared.elb.amazonaws.com')).toBe('http://shared.elb.amazonaws.com');
    expect(() => endpointOn()).toThrow("'exposure' must have an endpoint");
    const certificate = certificateIn(newRegionalStack());
    expect(endpointOn(undefined, ServerIdentity.certificate(certificate, { domainName: 'app.example.com' }))).toBe('https://app.example.com');
    expect(() => endpointOn(undefined, ServerIdentity.domain('app.example.com', zoneIn(newRegionalStack()))))
      .toThrow("Stack/Service/Exposure: 'exposure.loadBalancer' must have a known DNS name for the DNS records");
  });

  test('cannot use a port on which the load balancer already has a listener', () => {
    const stack = newRegionalStack();
    const { loadBalancer } = sharedListener(stack);
    expect(() => exposed(Exposure.onLoadBalancer(loadBalancer), { stack })).toThrow(
      "Stack/Service/Exposure: 'exposure.port' must differ from 'the port of Stack/Shared/On80/Resource', got 80. "
      + 'Use another port for one of them.',
    );
    exposed(Exposure.onLoadBalancer(loadBalancer, { port: 81 }), { stack, id: 'One' });
    expect(() => exposed(Exposure.onLoadBalancer(loadBalancer, { port: 81 }), { stack, id: 'Two' }))
      .toThrow("'exposure.port' must differ from 'the port of Stack/One/Exposure/Port81/Resource', got 81.");
  });
});

describe('a load balancer in another VPC than the service', () => {
  test('is rejected, because it could not reach the tasks', () => {
    const stack = newRegionalStack();
    newClusterAndVpc(stack);
    const loadBalancer = new ApplicationLoadBalancer(stack, 'Elsewhere', { vpc: new Vpc(stack, 'Other', { maxAzs: 2 }) });
    expect(() => exposed(Exposure.onLoadBalancer(loadBalancer), { stack })).toThrow(
      "Stack/Service/Exposure: 'exposure' must be a load balancer in Stack/Vpc, the VPC of the service, got \"Stack/Other\". "
      + 'Use a load balancer in the VPC of the cluster.',
    );
    const listener = loadBalancer.addListener('On81', { port: 8080, open: false });
    expect(() => exposed(Exposure.onListener(listener, HttpRoute.path('/a')), { stack, id: 'Second' })).toThrow("'exposure' must be a load balancer in Stack/Vpc");
  });

  test('is accepted if the VPC is imported and could be the same', () => {
    const stack = newRegionalStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Same', { vpcId: clusterOf(stack).vpc.vpcId, availabilityZones: ['a', 'b'], publicSubnetIds: ['s1', 's2'] });
    const loadBalancer = new ApplicationLoadBalancer(stack, 'Here', { vpc, internetFacing: true });
    expect(() => exposed(Exposure.onLoadBalancer(loadBalancer), { stack })).not.toThrow();
  });
});
