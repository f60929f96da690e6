import { Stack } from 'aws-cdk-lib';
import { IConnectable, IVpc, Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ApplicationLoadBalancer, NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Deployment, Exposure, FargateService, HttpRoute, OnLoadBalancerOptions, ServerIdentity } from '../../../../src';
import { certificateIn, clusterOf, exposed, newRegionalStack, sharedListener } from '../../../helpers/http-exposure';
import { newStack, Template } from '../../../helpers/stack';

/** Every inbound rule: which group, from which source, on which port. */
function ingress(stack: Stack): string[] {
  const template = Template.fromStack(stack);
  const who = (rule: Record<string, unknown>) => JSON.stringify(
    rule.CidrIp ?? rule.CidrIpv6 ?? rule.SourcePrefixListId ?? nameOf(rule.SourceSecurityGroupId as { 'Fn::GetAtt': string[] }),
  ).replace(/"/g, '');
  const inline = Object.entries(template.findResources('AWS::EC2::SecurityGroup'))
    .flatMap(([id, { Properties }]) => (Properties.SecurityGroupIngress ?? []).map((rule: Record<string, unknown>) => [short(id), rule]));
  const apart = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => [nameOf(Properties.GroupId), Properties]);
  return [...inline, ...apart].map(([id, rule]) => `${id} from ${who(rule)} on ${rule.FromPort}-${rule.ToPort}`).sort();
}

function egress(stack: Stack): string[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupEgress'))
    .map(({ Properties: { GroupId, DestinationSecurityGroupId, FromPort, ToPort } }) => `${nameOf(GroupId)} to ${nameOf(DestinationSecurityGroupId)} on ${FromPort}-${ToPort}`);
}

const short = (id: string) => id.replace(/SecurityGroup[0-9A-F]{8}$|[0-9A-F]{8}$/, '').replace('ExposureInternal', 'Exposure');
const nameOf = (attribute: { 'Fn::GetAtt': string[] } | string) => typeof attribute === 'string' ? attribute : short(attribute['Fn::GetAtt'][0]);

const LB = 'ServiceExposureLoadBalancer';
const BEHIND = `Service from ${LB} on 80-80`;

describe('a service is open only to the clients that you name:', () => {
  test('a public service opens its load balancer to everybody, and its tasks only to the load balancer', () => {
    const { stack } = exposed(Exposure.publicHttp());
    expect(ingress(stack)).toEqual([`${LB} from 0.0.0.0/0 on 80-80`, BEHIND].sort());
    expect(egress(stack)).toEqual([`${LB} to Service on 80-80`]);
  });

  test('an internal service opens its load balancer to the addresses of the VPC', () => {
    const { stack } = exposed(Exposure.internalHttp());
    expect(ingress(stack)).toEqual([`${LB} from 10.0.0.0/16 on 80-80`, BEHIND].sort());
  });

  test('a service with HTTPS opens its two ports, and the redirect port has no rule to the tasks', () => {
    const stack = newRegionalStack();
    exposed(Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack))), { stack });
    expect(ingress(stack)).toEqual([`${LB} from 0.0.0.0/0 on 443-443`, `${LB} from 0.0.0.0/0 on 80-80`, BEHIND].sort());
    expect(egress(stack)).toEqual([`${LB} to Service on 80-80`]);
  });

  test.each<[string, (stack: Stack) => Exposure]>([
    ['public', () => Exposure.publicHttp({ openTo: [Peer.ipv4('203.0.113.0/24'), Peer.ipv6('2001:db8::/32'), Peer.prefixList('pl-1')] })],
    ['internal', () => Exposure.internalHttp({ openTo: [Peer.ipv4('203.0.113.0/24'), Peer.ipv6('2001:db8::/32'), Peer.prefixList('pl-1')] })],
  ])('networks and prefix lists replace the default clients of a %s exposure', (_kind, make) => {
    const stack = newRegionalStack();
    exposed(make(stack), { stack });
    expect(ingress(stack)).toEqual([
      `${LB} from 203.0.113.0/24 on 80-80`, `${LB} from 2001:db8::/32 on 80-80`, `${LB} from pl-1 on 80-80`, BEHIND,
    ].sort());
  });

  test('security groups and other services can be clients', () => {
    const stack = newRegionalStack();
    const group = new SecurityGroup(stack, 'Bastion', { vpc: clusterOf(stack).vpc });
    const { service } = exposed(Exposure.none(), { stack, id: 'Client' });
    exposed(Exposure.internalHttp({ openTo: [group, service] }), { stack });
    expect(ingress(stack)).toEqual([`${LB} from Bastion on 80-80`, `${LB} from ClientService on 80-80`, BEHIND].sort());
  });

  test('an empty list lets nobody in', () => {
    expect(ingress(exposed(Exposure.publicHttp({ openTo: [] })).stack)).toEqual([BEHIND]);
  });

  test('a test listener is open to testOpenTo, otherwise to openTo, otherwise to the VPC', () => {
    const testOpenTo = [Peer.ipv4('198.51.100.7/32')];
    const opened = (options: object) => ingress(exposed(Exposure.publicHttp(options), { shift: { testPort: 8080 } }).stack).filter(rule => rule.endsWith('8080'));
    expect(opened({ testOpenTo })).toEqual([`${LB} from 198.51.100.7/32 on 8080-8080`]);
    expect(opened({})).toEqual([`${LB} from 10.0.0.0/16 on 8080-8080`]);
    expect(opened({ testOpenTo: [Peer.anyIpv4()] })).toEqual([`${LB} from 0.0.0.0/0 on 8080-8080`]);
    expect(opened({ testOpenTo: [] })).toEqual([]);
    expect(opened({ openTo: [Peer.ipv4('203.0.113.0/24')] })).toEqual([`${LB} from 203.0.113.0/24 on 8080-8080`]);
  });

  test('a shared load balancer can reach the tasks, and its own inbound rules stay unchanged', () => {
    const stack = newRegionalStack();
    exposed(Exposure.onListener(sharedListener(stack), HttpRoute.path('/api/*')), { stack });
    expect(ingress(stack)).toEqual(['Service from Shared on 80-80', 'Shared from 0.0.0.0/0 on 80-80']);
    expect(egress(stack)).toEqual(['Shared to Service on 80-80']);
  });

  test.each<[string, (stack: Stack, options: { openTo?: IConnectable[] }) => Exposure]>([
    ['onListener', (stack, options) => Exposure.onListener(sharedListener(stack), HttpRoute.path('/api/*'), options)],
    ['onLoadBalancer', (stack, options) => Exposure.onLoadBalancer(sharedListener(stack, { port: 8080 }).loadBalancer, { port: 80, ...options })],
    ['onNetworkLoadBalancer', (stack, options) => Exposure.onNetworkLoadBalancer(new NetworkLoadBalancer(stack, 'Shared', {
      vpc: clusterOf(stack).vpc, securityGroups: [new SecurityGroup(stack, 'SharedSecurityGroup', { vpc: clusterOf(stack).vpc })],
    }), options)],
  ])('%s keeps the inbound rules of the load balancer, and adds the clients of openTo', (_factory, make) => {
    const openings = (options: { openTo?: IConnectable[] }) => {
      const stack = newRegionalStack();
      exposed(make(stack, options), { stack });
      return ingress(stack).filter(rule => !rule.startsWith('Service'));
    };
    const before = openings({});
    expect(before.filter(rule => !rule.startsWith('Shared from 0.0.0.0/0'))).toEqual([]);
    expect(openings({ openTo: [] })).toEqual(before);
    expect(openings({ openTo: [Peer.ipv4('203.0.113.0/24')] })).toEqual([...before, 'Shared from 203.0.113.0/24 on 80-80'].sort());
  });

  test('a test listener on an existing load balancer keeps its inbound rules, and adds the clients of testOpenTo', () => {
    const opened = (options: OnLoadBalancerOptions) => {
      const stack = newRegionalStack();
      exposed(Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, { port: 81, ...options }), { stack, shift: { testPort: 8080 } });
      return ingress(stack).filter(rule => rule.endsWith('8080'));
    };
    expect(opened({})).toEqual([]);
    expect(opened({ testOpenTo: [Peer.ipv4('198.51.100.7/32')] })).toEqual(['Shared from 198.51.100.7/32 on 8080-8080']);
  });

  test('openTo is rejected for an imported listener whose port is unknown', () => {
    const stack = newRegionalStack();
    const listener = ApplicationListener.fromApplicationListenerAttributes(stack, 'Imported', {
      listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/shared/1/2', securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'Theirs', 'sg-1'),
    });
    expect(() => exposed(Exposure.onListener(listener, HttpRoute.path('/a'), { openTo: [Peer.anyIpv4()] }), { stack })).toThrow(
      "Stack/Service/Exposure: 'exposure.openTo' must be left out, because the port of the imported listener is not known, got \"1 clients\". "
      + 'Import it with ApplicationListener.fromLookup, or with its defaultPort.',
    );
  });

  test('an imported load balancer can reach the tasks', () => {
    const stack = newRegionalStack();
    const listener = ApplicationListener.fromApplicationListenerAttributes(stack, 'Imported', {
      listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/shared/1/2',
      securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'Theirs', 'sg-1', { allowAllOutbound: false }),
    });
    exposed(Exposure.onListener(listener, HttpRoute.path('/api/*')), { stack });
    expect(ingress(stack)).toEqual(['Service from sg-1 on 80-80']);
    expect(egress(stack)).toEqual(['sg-1 to Service on 80-80']);
  });

  test('openTo is required in a VPC whose addresses are unknown', () => {
    const serviceWith = (make: (stack: Stack, vpc: IVpc) => Exposure, deployment?: Deployment) => {
      const stack = newStack();
      const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['s1', 's2'], privateSubnetRouteTableIds: ['r1', 'r2'],
        publicSubnetIds: ['p1', 'p2'], publicSubnetRouteTableIds: ['r3', 'r3'],
      });
      const cluster = new Cluster(stack, 'Cluster', { vpc });
      return new FargateService(stack, 'Service', { cluster, containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } }, exposure: make(stack, vpc), deployment });
    };
    expect(() => serviceWith(() => Exposure.internalHttp())).toThrow(
      "Stack/Service/Exposure/Internal: 'exposure.openTo' must be given, because the imported VPC has no CIDR block, got undefined. List the clients",
    );
    expect(() => serviceWith(() => Exposure.internalHttp({ openTo: [Peer.ipv4('10.0.0.0/16')] }))).not.toThrow();
    expect(() => serviceWith(() => Exposure.publicHttp(), Deployment.blueGreen({ testPort: 8080 }))).toThrow(
      "'exposure.testOpenTo' must be given, because the imported VPC has no CIDR block, got undefined. List the clients, e.g. testOpenTo: [",
    );
    expect(() => serviceWith(() => Exposure.publicHttp({ testOpenTo: [] }), Deployment.blueGreen({ testPort: 8080 }))).not.toThrow();
    expect(() => serviceWith((stack, vpc) => Exposure.onLoadBalancer(new ApplicationLoadBalancer(stack, 'Shared', { vpc })))).not.toThrow();
  });
});
