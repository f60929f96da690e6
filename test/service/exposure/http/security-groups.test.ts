import { Stack } from 'aws-cdk-lib';
import { Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Exposure, FargateService, HttpRoute, ServerIdentity } from '../../../../src';
import { certificateIn, clusterOf, exposed, newRegionalStack, sharedListener } from '../../../helpers/http-exposure';
import { newStack, Template } from '../../../helpers/stack';

/** Every rule that lets something in: which group, from whom, which port. */
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

const short = (id: string) => id.replace(/SecurityGroup[0-9A-F]{8}$|[0-9A-F]{8}$/, '');
const nameOf = (attribute: { 'Fn::GetAtt': string[] } | string) => typeof attribute === 'string' ? attribute : short(attribute['Fn::GetAtt'][0]);

const LB = 'ServiceExposureLoadBalancer';
const BEHIND = `Service from ${LB} on 80-80`;

describe('whoever is not named is let in nowhere:', () => {
  test('a public service lets everybody to its load balancer, which alone gets to the tasks, and nowhere else', () => {
    const { stack } = exposed(Exposure.publicHttp());
    expect(ingress(stack)).toEqual([`${LB} from 0.0.0.0/0 on 80-80`, BEHIND].sort());
    expect(egress(stack)).toEqual([`${LB} to Service on 80-80`]);
  });

  test('an internal service lets in whoever has an address of the VPC', () => {
    const { stack } = exposed(Exposure.internalHttp());
    expect(ingress(stack)).toEqual([`${LB} from {Fn::GetAtt:[Vpc8378EB38,CidrBlock]} on 80-80`, BEHIND].sort());
  });

  test('a service with HTTPS opens its two ports, and the one for redirects needs no way to the tasks', () => {
    const stack = newRegionalStack();
    exposed(Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack))), { stack });
    expect(ingress(stack)).toEqual([`${LB} from 0.0.0.0/0 on 443-443`, `${LB} from 0.0.0.0/0 on 80-80`, BEHIND].sort());
    expect(egress(stack)).toEqual([`${LB} to Service on 80-80`]);
  });

  test.each<[string, (stack: Stack) => Exposure]>([
    ['public', () => Exposure.publicHttp({ openTo: [Peer.ipv4('203.0.113.0/24'), Peer.ipv6('2001:db8::/32'), Peer.prefixList('pl-1')] })],
    ['internal', () => Exposure.internalHttp({ openTo: [Peer.ipv4('203.0.113.0/24'), Peer.ipv6('2001:db8::/32'), Peer.prefixList('pl-1')] })],
  ])('networks and prefix lists are the only ones where a %s exposure names them', (_kind, make) => {
    const stack = newRegionalStack();
    exposed(make(stack), { stack });
    expect(ingress(stack)).toEqual([
      `${LB} from 203.0.113.0/24 on 80-80`, `${LB} from 2001:db8::/32 on 80-80`, `${LB} from pl-1 on 80-80`, BEHIND,
    ].sort());
  });

  test('security groups and other services are named as they are', () => {
    const stack = newRegionalStack();
    const group = new SecurityGroup(stack, 'Bastion', { vpc: clusterOf(stack).vpc });
    const { service } = exposed(Exposure.none(), { stack, id: 'Client' });
    exposed(Exposure.internalHttp({ openTo: [group, service] }), { stack });
    expect(ingress(stack)).toEqual([`${LB} from Bastion on 80-80`, `${LB} from ClientService on 80-80`, BEHIND].sort());
  });

  test('nobody is let in by an empty list', () => {
    expect(ingress(exposed(Exposure.publicHttp({ openTo: [] })).stack)).toEqual([BEHIND]);
  });

  test('a test listener is open to those who may test, and else to the clients', () => {
    const testOpenTo = [Peer.ipv4('198.51.100.7/32')];
    const opened = (options: object) => ingress(exposed(Exposure.publicHttp(options), { shift: { testPort: 8080 } }).stack).filter(rule => rule.endsWith('8080'));
    expect(opened({ testOpenTo })).toEqual([`${LB} from 198.51.100.7/32 on 8080-8080`]);
    expect(opened({})).toEqual([`${LB} from 0.0.0.0/0 on 8080-8080`]);
    expect(opened({ openTo: [Peer.ipv4('203.0.113.0/24')] })).toEqual([`${LB} from 203.0.113.0/24 on 8080-8080`]);
  });

  test('a shared load balancer gets to the tasks, and who gets to it is left as it is', () => {
    const stack = newRegionalStack();
    exposed(Exposure.onListener(sharedListener(stack), HttpRoute.path('/api/*')), { stack });
    expect(ingress(stack)).toEqual(['Service from Shared on 80-80', 'Shared from 0.0.0.0/0 on 80-80']);
    expect(egress(stack)).toEqual(['Shared to Service on 80-80']);
  });

  test('an imported load balancer gets to the tasks too', () => {
    const stack = newRegionalStack();
    const listener = ApplicationListener.fromApplicationListenerAttributes(stack, 'Imported', {
      listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/shared/1/2',
      securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'Theirs', 'sg-1', { allowAllOutbound: false }),
    });
    exposed(Exposure.onListener(listener, HttpRoute.path('/api/*')), { stack });
    expect(ingress(stack)).toEqual(['Service from sg-1 on 80-80']);
    expect(egress(stack)).toEqual(['sg-1 to Service on 80-80']);
  });

  test('in a VPC whose addresses are not known somebody has to be named', () => {
    const serviceWith = (exposure: Exposure) => {
      const stack = newStack();
      const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
        vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['s1', 's2'], privateSubnetRouteTableIds: ['r1', 'r2'],
      });
      const cluster = new Cluster(stack, 'Cluster', { vpc });
      return new FargateService(stack, 'Service', { cluster, containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } }, exposure });
    };
    expect(() => serviceWith(Exposure.internalHttp())).toThrow(
      "Stack/Service/Exposure: 'exposure.openTo' must be given, because the addresses of the imported VPC are not known, got undefined. Say who may connect",
    );
    expect(() => serviceWith(Exposure.internalHttp({ openTo: [Peer.ipv4('10.0.0.0/16')] }))).not.toThrow();
  });
});
