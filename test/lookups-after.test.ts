import { Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { SubnetFilter, SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ApplicationProtocolVersion, NetworkLoadBalancer,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Exposure, FargateService, FargateServiceProps, HttpRoute, ImageRepository, ImageSource, ServerIdentity } from '../src';
import { firstSynthesis, lastSynthesis, Lookup, StackOf, vpcWith } from './helpers/lookups';
import { messageOf } from './helpers/wrong-input';

const containers = { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } };
const text = (stack: Stack, name: string) => StringParameter.valueFromLookup(stack, name);
const ELB = 'arn:aws:elasticloadbalancing:eu-west-1:111111111111';

/** The lookup results from the account, unless a test has others. */
const FOUND: Record<string, unknown> = {
  'vpc-provider': vpcWith({ Public: 'Public', App: 'Private' }),
  'availability-zones': ['eu-west-1a', 'eu-west-1b'],
  'security-group': { securityGroupId: 'sg-0real', allowAllOutbound: true },
  'load-balancer-listener': { listenerArn: `${ELB}:listener/app/shared/1/2`, listenerPort: 443, securityGroupIds: ['sg-0real'] },
  'hosted-zone': { Id: '/hostedzone/Z1', Name: 'example.com.' },
  'ssm': 'web',
};

function found(also: Record<string, unknown> = {}) {
  return ({ provider, props }: Lookup) => {
    if (provider === 'load-balancer') {
      return {
        loadBalancerArn: `${ELB}:loadbalancer/${props.loadBalancerType === 'network' ? 'net' : 'app'}/shared/1`, loadBalancerCanonicalHostedZoneId: 'Z2',
        loadBalancerDnsName: 'shared.example.com', ipAddressType: 'ipv4', securityGroupIds: ['sg-0real'], vpcId: 'vpc-0real', ...also[provider] as object,
      };
    }
    return { ...FOUND, ...also }[provider];
  };
}

/** A service in a VPC that is looked up. */
function service(stack: Stack, props: Partial<FargateServiceProps>): FargateService {
  const vpc = Vpc.fromLookup(stack, 'Vpc', { vpcName: 'ours' });
  return new FargateService(stack, 'Web', { cluster: new Cluster(stack, 'Cluster', { vpc }), containers, ...props });
}

const alb = (stack: Stack) => ApplicationLoadBalancer.fromLookup(stack, 'Lb', { loadBalancerTags: { name: 'shared' } });
const nlb = (stack: Stack) => NetworkLoadBalancer.fromLookup(stack, 'Lb', { loadBalancerTags: { name: 'shared' } });
const listener = (stack: Stack) => ApplicationListener.fromLookup(stack, 'Listener', {
  loadBalancerTags: { name: 'shared' }, listenerProtocol: ApplicationProtocol.HTTPS,
});
const exposedBy = (exposure: (stack: Stack) => Exposure) => (stackOf: StackOf) => service(stackOf('S'), { exposure: exposure(stackOf('S')) });
const exposedTwice = (exposure: (stack: Stack) => Exposure) => (stackOf: StackOf) =>
  ['One', 'Two'].forEach(id => service(stackOf(id), { exposure: exposure(stackOf(id)) }));
const inSubnets = (vpcSubnets: SubnetSelection) => (stackOf: StackOf) => service(stackOf('S'), { vpcSubnets });

describe('a configuration that is accepted before the lookup is still rejected after it:', () => {
  test.each<[string, (stackOf: StackOf) => unknown, Record<string, unknown>, string]>([
    ['a group that the VPC has not', inSubnets({ subnetGroupName: 'Data' }), {}, "'vpcSubnets' must be in the VPC of the cluster, got \"Data\""],
    ['a zone that it has not', inSubnets({ availabilityZones: ['eu-west-1c'] }), {}, "'vpcSubnets' must select at least one subnet"],
    ['a filter that selects nothing', inSubnets({ subnetFilters: [SubnetFilter.byIds(['subnet-1'])] }), {}, "'vpcSubnets' must select at least one subnet"],
    ['a VPC without private subnets', inSubnets({}), { 'vpc-provider': vpcWith({ Public: 'Public' }) }, "'vpcSubnets' must be given"],
    ['more subnets than a service may have', inSubnets({ subnetGroupName: 'App' }), {
      'vpc-provider': vpcWith({ App: 'Private' }, { zones: Array.from({ length: 17 }, (_, index) => `zone-${index}`) }),
    }, "'vpcSubnets' must select at most 16 subnets, got 17"],
    ['no subnets for a network load balancer', exposedBy(() => Exposure.internalNetwork({ vpcSubnets: { availabilityZones: ['eu-west-1c'] } })), {},
      "'exposure.vpcSubnets' must select at least one subnet"],
    ['two of its subnets in one zone', exposedBy(() => Exposure.internalNetwork({ vpcSubnets: { subnetFilters: [SubnetFilter.availabilityZones(['eu-west-1a'])] } })), {
      'vpc-provider': vpcWith({ App: 'Private', Data: 'Private' }),
    }, "'exposure.vpcSubnets' must select one subnet per availability zone"],
    ['three addresses for two subnets', exposedBy(() => Exposure.publicNetwork({ elasticIps: ['eipalloc-1', 'eipalloc-2', 'eipalloc-3'] })), {},
      "'exposure.elasticIps' must have one address for each of the 2 subnets"],
    ['a web ACL of CloudFront', exposedBy(stack => Exposure.publicHttp({ webAclArn: text(stack, '/waf') })), {
      ssm: 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/x/y',
    }, "'exposure.webAclArn' must be the ARN of a regional web ACL"],
    ['an invalid host', exposedBy(stack => Exposure.onListener(listener(stack), HttpRoute.host(text(stack, '/host')))), { ssm: 'https://example.com' },
      "'exposure.route' must have hosts with a \".\""],
    ['a name outside of the hosted zone', exposedBy(stack => Exposure.publicHttps(
      ServerIdentity.domain(text(stack, '/domain'), HostedZone.fromLookup(stack, 'Zone', { domainName: 'example.com' })))), { ssm: 'app.example.org' },
    "'exposure.identity.domainName' must be in the hosted zone 'example.com', got \"app.example.org\""],
    ['gRPC behind a listener without HTTPS', exposedBy(stack => Exposure.onListener(
      listener(stack), HttpRoute.path('/'), { protocolVersion: ApplicationProtocolVersion.GRPC })), {
      'load-balancer-listener': { listenerArn: `${ELB}:listener/app/shared/1/2`, listenerPort: 80, securityGroupIds: [] },
    }, "'exposure.protocolVersion' must be HTTP1 behind a listener without HTTPS"],
    ['one route twice on one listener', exposedTwice(stack => Exposure.onListener(listener(stack), HttpRoute.path('/api/*'))), {},
      "Two/Web/Exposure: 'exposure.route' must differ from the route of One/Web/Exposure on the same listener"],
    ['one route twice, each with a separate lookup', exposedTwice(stack => Exposure.onListener(listener(stack), HttpRoute.host(text(stack, '/host')))), { ssm: 'a.example.com' },
      "'exposure.route' must differ from the route of One/Web/Exposure"],
    ['one port twice on an application load balancer', exposedTwice(stack => Exposure.onLoadBalancer(alb(stack))), {},
      "Two/Web/Exposure: 'exposure.port' must differ from 'the port of One/Web/Exposure/"],
    ['one port twice on a network load balancer', exposedTwice(stack => Exposure.onNetworkLoadBalancer(nlb(stack))), {},
      "Two/Web/Exposure: 'exposure.ports[0]' must differ from 'the port of One/Web/Exposure/"],
    ['the version of an image', stackOf => new ImageRepository(stackOf('S'), 'R').publish('web', ImageSource.registry(`nginx:${text(stackOf('S'), '/version')}`)), {
      ssm: 'not a version',
    }, "'reference' must be an image of a registry"],
  ])('%s', (_, make, answers, message) => {
    expect(messageOf(() => firstSynthesis(make))).toBe('accepted');
    expect(messageOf(() => lastSynthesis(make, found(answers)))).toContain(message);
  });

  test.each([
    ['an application load balancer', (stack: Stack) => Exposure.onLoadBalancer(alb(stack))], ['a network load balancer', (stack: Stack) => Exposure.onNetworkLoadBalancer(nlb(stack))],
  ])('%s in another VPC', (_, exposure) => {
    const lookUp = (lookup: Lookup) => {
      const { filter } = lookup.props as { filter?: Record<string, string> };
      return filter?.['vpc-id'] === 'vpc-0other' ? vpcWith({ Public: 'Public' }, { vpcId: 'vpc-0other' }) : found({ 'load-balancer': { vpcId: 'vpc-0other' } })(lookup);
    };
    const make = exposedBy(exposure);
    expect(messageOf(() => firstSynthesis(make))).toBe('accepted');
    expect(messageOf(() => lastSynthesis(make, lookUp))).toContain("'exposure' must be a load balancer in S/Vpc, the VPC of the service, got \"S/Lb/Vpc\"");
  });
});

test.each<[string, (stackOf: StackOf) => unknown, Record<string, unknown>]>([
  ['subnets by group', inSubnets({ subnetGroupName: 'App' }), {}],
  ['subnets by zone', inSubnets({ availabilityZones: ['eu-west-1b'] }), {}],
  ['a subnet for each address', exposedBy(() => Exposure.publicNetwork({ elasticIps: ['eipalloc-1', 'eipalloc-2'] })), {}],
  ['an application load balancer', exposedBy(stack => Exposure.onLoadBalancer(alb(stack))), {}],
  ['its certificate', exposedBy(stack => Exposure.onLoadBalancer(alb(stack), {
    identity: ServerIdentity.certificate(Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-west-1:111111111111:certificate/x')),
  })), {}],
  ['a network load balancer', exposedBy(stack => Exposure.onNetworkLoadBalancer(nlb(stack))), {}],
  ['a listener for gRPC', exposedBy(stack => Exposure.onListener(listener(stack), HttpRoute.path('/'), { protocolVersion: ApplicationProtocolVersion.GRPC })), {}],
  ['a listener that two services share', exposedTwice(stack => Exposure.onListener(listener(stack), HttpRoute.host(`${stack.stackName}.${text(stack, '/zone')}`))), { ssm: 'example.com' }],
])('but an app is synthesized completely with %s', (_, make, answers) => {
  expect(messageOf(() => lastSynthesis(make, found(answers)))).toBe('accepted');
});
