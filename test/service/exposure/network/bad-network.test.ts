import { App, CfnParameter, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Peer, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AlpnPolicy, ApplicationLoadBalancer, NetworkLoadBalancer, Protocol, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket, BucketEncryption, BucketProps } from 'aws-cdk-lib/aws-s3';
import { bound, newCertificate, targetGroupAttributes } from './scene';
import {
  AccessLogs, ClientAddress, CrossZoneRouting, Exposure, NetworkHealthCheck, NetworkPort, PublicNetworkOptions,
  NetworkPortTlsOptions,
} from '../../../../src';
import { newStack } from '../../../helpers/stack';
import { messageOf, told, wrong } from '../../../helpers/wrong-input';

const seconds = Duration.seconds;
const WEB = ['web:80/tcp'];
const DNS = ['dns:53/tcp', 'dns:53/udp'];

type Make = (stack: Stack) => PublicNetworkOptions;
const inRegion = () => new Stack(new App(), 'Stack', { env: { region: 'eu-west-1' } });
const said = (make: Make, listening: string[], stack = inRegion()) =>
  messageOf(() => bound(Exposure.publicNetwork(make(stack)), listening, {}, stack).template());

const ports = (...list: NetworkPort[]): Make => () => ({ ports: list });
const checked = (options: NetworkHealthCheck) => ports(NetworkPort.tcp(80, { healthCheck: options }));
const tls = (options: NetworkPortTlsOptions, more: PublicNetworkOptions = {}): Make =>
  stack => ({ ports: [NetworkPort.tls(443, newCertificate(stack), options)], ...more });

/** A description, the exposure, its ports, and parts of the message: property and rule, value, fix. */
type Bad = [string, Make, string[], string, string, string];
const BAD: Bad[] = [
  ['no port at all', ports(), WEB, "'exposure.ports' must have at least 1 item", 'got []', 'NetworkPort.tcp(5432)'],
  ['six ports', ports(...[1, 2, 3, 4, 5, 6].map(port => NetworkPort.tcp(port))), WEB, 'must have at most 5 items', 'got [', 'the limit of ECS'],
  ['a port twice', ports(NetworkPort.tcp(80), NetworkPort.tcp(80)), WEB, "'exposure.ports[1]' must differ", 'got 80', 'NetworkPort.tcpUdp(80)'],
  ['a port for TCP and again for UDP', ports(NetworkPort.tcp(53), NetworkPort.udp(53)), DNS, "'exposure.ports[1]' must differ", 'got 53', 'NetworkPort.tcpUdp(53)'],
  ['port 0', ports(NetworkPort.tcp(0)), WEB, "'exposure.ports[0].port' must be a whole number from 1 to 65535", 'got 0', 'NetworkPort.tcp(5432)'],
  ['port 65536', ports(NetworkPort.tcp(65536)), WEB, "'exposure.ports[0].port' must be", 'got 65536', 'Give the port'],
  ['half a port', ports(NetworkPort.tcp(80.5)), WEB, "'exposure.ports[0].port' must be", 'got 80.5', 'Give the port'],
  ['a negative port for UDP', ports(NetworkPort.udp(-53)), DNS, "'exposure.ports[0].port' must be", 'got -53', 'Give the port'],
  ['no container with a port', ports(NetworkPort.tcp(80)), [], "'containers' must have a container with a TCP port", 'got []', '{ image, port: 80 }'],
  ['no container with a UDP port', ports(NetworkPort.udp(80)), WEB, "'containers' must have a container with a UDP port", 'got ["web: 80/tcp"]', 'additionalPorts: [ListeningPort.udp(53)]'],
  ['two possible ports', ports(NetworkPort.tcp(7)), ['web:80/tcp', 'web:81/tcp'], "'exposure.ports[0]' must select one of several TCP ports",
    'got ["web: 80/tcp","web: 81/tcp"]', "{ containerName: 'web', containerPort: 80 }"],
  ['no ports, and two containers', () => ({}), ['web:80/tcp', 'admin:81/tcp'], "'exposure.ports' must select one of several TCP ports", 'admin: 81/tcp', "containerName: 'web'"],
  ['a container that is not there', ports(NetworkPort.tcp(80, { containerName: 'wbe' })), WEB,
    "'exposure.ports[0].containerName' must be the name of a container", 'got "wbe"', 'Use one of: web.'],
  ['a container port that is not there', ports(NetworkPort.tcp(80, { containerPort: 81 })), WEB, "'exposure.ports[0].containerPort' must be a port of the container", 'got 81', 'Use one of: 80.'],
  ['TCP and UDP on a port with TCP only', ports(NetworkPort.tcpUdp(80)), WEB, "'exposure.ports[0]' must be a port that the container has for TCP and UDP",
    'got "web: TCP only"', 'NetworkPort.tcp(…)'],
  ['UDP without a TCP port to look at', ports(NetworkPort.udp(53)), ['dns:53/udp'], "'exposure.ports[0].healthCheck' must have a TCP port",
    'got []', 'healthCheck: { port: 8080 }'],
  ['UDP with two TCP ports to look at', ports(NetworkPort.udp(53)), ['dns:53/udp', 'dns:80/tcp', 'dns:81/tcp'], "'exposure.ports[0].healthCheck' must have a TCP port", 'got [80,81]', 'healthCheck: { port: 8080 }'],
  ['UDP that is looked at in another container, unsaid', ports(NetworkPort.udp(53)), ['dns:53/udp', ...WEB], 'must have a TCP port', 'got []', 'healthCheck: { port: 8080 }'],
  ['a health check of a UDP port', ports(NetworkPort.udp(53, { healthCheck: { port: 53 } })), ['dns:53/udp'],
    "'exposure.ports[0].healthCheck.port' must be a TCP port of a container", 'got 53', 'Give the container that TCP port'],
  ['a health check of port 0', checked({ port: 0 }), WEB, "'exposure.ports[0].healthCheck.port' must be a whole number", 'got 0', 'Give a TCP port'],
  ['an interval of 4 seconds', checked({ interval: seconds(4) }), WEB, 'healthCheck.interval\' must be a whole number from 5 to 300', 'got 4', 'whole seconds'],
  ['an interval of 301 seconds', checked({ interval: seconds(301) }), WEB, 'healthCheck.interval\' must be', 'got 301', 'whole seconds'],
  ['an interval of 5.5 seconds', checked({ interval: Duration.millis(5500) }), WEB, 'healthCheck.interval\' must be', 'got 5.5', 'whole seconds'],
  ['a timeout of a second', checked({ timeout: seconds(1) }), WEB, 'healthCheck.timeout\' must be a whole number from 2 to 120', 'got 1', 'whole seconds'],
  ['a timeout of 121 seconds', checked({ timeout: seconds(121), interval: seconds(200) }), WEB, 'healthCheck.timeout\' must be', 'got 121', 'whole seconds'],
  ['a timeout beyond the interval', checked({ timeout: seconds(11) }), WEB, 'must be at most the interval, which is 10 seconds', 'got 11', 'a longer interval'],
  ['one good answer', checked({ healthyThresholdCount: 1 }), WEB, 'healthyThresholdCount\' must be a whole number from 2 to 10', 'got 1', 'these limits'],
  ['eleven good answers', checked({ healthyThresholdCount: 11 }), WEB, 'healthyThresholdCount\' must be', 'got 11', 'these limits'],
  ['one bad answer', checked({ unhealthyThresholdCount: 1 }), WEB, 'unhealthyThresholdCount\' must be a whole number from 2 to 10', 'got 1', 'these limits'],
  ['eleven bad answers', checked({ unhealthyThresholdCount: 11 }), WEB, 'unhealthyThresholdCount\' must be', 'got 11', 'these limits'],
  ['a path without a slash', ports(NetworkPort.tcp(80, { healthCheck: { path: 'up' } })), WEB,
    "'exposure.ports[0].healthCheck.path' must start with \"/\"", 'got "up"', '"/health"'],
  ['a path that is too long', ports(NetworkPort.tcp(80, { healthCheck: { protocol: Protocol.HTTPS, path: `/${'a'.repeat(1024)}` } })), WEB, 'at most 1024', 'got "/a', '"/health"'],
  ['a deregistration delay beyond an hour', ports(NetworkPort.tcp(80, { deregistrationDelay: seconds(3601) })), WEB,
    "deregistrationDelay' must be a whole number from 0 to 3600", 'got 3601', 'at most an hour'],
  ['an idle timeout of 59 seconds', ports(NetworkPort.tcp(80, { idleTimeout: seconds(59) })), WEB, "idleTimeout' must be a whole number from 60 to 6000", 'got 59', 'limits'],
  ['an idle timeout of 6001 seconds', ports(NetworkPort.tcp(80, { idleTimeout: seconds(6001) })), WEB, "idleTimeout' must be", 'got 6001', 'limits'],
  ['TLS without a certificate', ports(NetworkPort.tls(443, wrong(undefined))), WEB, "certificate' must be a certificate", 'got undefined', 'NetworkPort.tcp(443)'],
  ['a certificate of another region', stack => ports(NetworkPort.tls(443, Certificate.fromCertificateArn(stack, 'Elsewhere',
    'arn:aws:acm:us-east-1:111111111111:certificate/a')))(stack), WEB, "certificate' must be in eu-west-1, the region of the stack", 'got "us-east-1"', 'Use one that is there'],
  ['a path with TCP', ports(NetworkPort.tcp(80, { healthCheck: { protocol: Protocol.TCP, path: '/' } })), WEB, "healthCheck.path' must be left out with Protocol.TCP", 'got "/"', 'Protocol.HTTP'],
  ['fewer addresses than subnets', () => ({ elasticIps: ['eipalloc-0a'] }), WEB, "'exposure.elasticIps' must have one address for each of the 2 subnets", '["eipalloc-0a"]', 'as many'],
  ['an IP address instead of its allocation ID', () => ({ elasticIps: ['192.0.2.1', '192.0.2.2'] }), WEB, "'exposure.elasticIps[0]' must be the allocation ID", '"192.0.2.1"', 'CfnEIP'],
  ['logs without TLS', () => ({ accessLogs: AccessLogs.ownBucket() }), WEB, "'exposure.accessLogs' must be left out", 'got "no port with TLS"', 'NetworkPort.tls(443'],
  ['logs with a slash too many', stack => tls({}, { accessLogs: AccessLogs.toBucket(new Bucket(stack, 'Bucket'), { prefix: 'network/' }) })(stack), WEB,
    "'exposure.accessLogs.prefix' must neither begin nor end", 'got "network/"', '"web"'],
  ['subnets that the VPC does not have', () => ({ vpcSubnets: { availabilityZones: ['elsewhere'] } }), WEB, "'exposure.vpcSubnets' must select at least one", 'got []', 'Give the VPC'],
];

/** Valid values right next to an invalid one. */
const GOOD: [string, Make, string[]][] = [
  ['one port', ports(NetworkPort.tcp(80)), WEB], ['five ports', ports(...[1, 2, 3, 4, 5].map(port => NetworkPort.tcp(port))), WEB],
  ['port 1', ports(NetworkPort.tcp(1)), WEB], ['port 65535', ports(NetworkPort.tcp(65535)), WEB],
  ['TCP and UDP on one port', ports(NetworkPort.tcpUdp(53)), DNS], ['UDP next to one TCP port', ports(NetworkPort.udp(53)), DNS],
  ['UDP looked at in another container', ports(NetworkPort.udp(53, { healthCheck: { protocol: Protocol.HTTP, port: 80 } })), ['dns:53/udp', ...WEB]],
  ['UDP looked at on the same port for TCP', ports(NetworkPort.udp(53)), [...DNS, 'dns:80/tcp']],
  ['UDP and TCP on two ports', ports(NetworkPort.udp(53), NetworkPort.tcp(54)), DNS],
  ['one of two ports by its number', ports(NetworkPort.tcp(81)), ['web:80/tcp', 'web:81/tcp']],
  ['one of two ports by its container', ports(NetworkPort.tcp(7, { containerName: 'admin' })), ['web:80/tcp', 'admin:81/tcp']],
  ['the shortest interval', checked({ interval: seconds(5) }), WEB], ['the longest interval', checked({ interval: seconds(300) }), WEB],
  ['an interval in minutes', checked({ interval: Duration.minutes(1) }), WEB],
  ['the shortest timeout', checked({ timeout: seconds(2) }), WEB], ['the longest timeout', checked({ timeout: seconds(120), interval: seconds(120) }), WEB],
  ['a timeout as long as the interval', checked({ timeout: seconds(10) }), WEB],
  ['the fewest answers', checked({ healthyThresholdCount: 2, unhealthyThresholdCount: 2 }), WEB], ['the most answers', checked({ healthyThresholdCount: 10, unhealthyThresholdCount: 10 }), WEB],
  ['the longest path', ports(NetworkPort.tcp(80, { healthCheck: { path: `/${'a'.repeat(1023)}` } })), WEB],
  ['no delay', ports(NetworkPort.tcp(80, { deregistrationDelay: seconds(0) })), WEB], ['an hour of delay', ports(NetworkPort.tcp(80, { deregistrationDelay: Duration.hours(1) })), WEB],
  ['the shortest idle timeout', ports(NetworkPort.tcp(80, { idleTimeout: seconds(60) })), WEB], ['the longest', ports(NetworkPort.tcp(80, { idleTimeout: seconds(6000) })), WEB],
  ['the address of a client over TLS', tls({ clientAddress: ClientAddress.PRESERVED }), WEB], ['another policy of TLS', tls({ sslPolicy: SslPolicy.TLS13_13 }), WEB],
  ['an application protocol over TLS', tls({ alpnPolicy: AlpnPolicy.HTTP2_ONLY }), WEB], ['an address for each subnet', () => ({ elasticIps: ['eipalloc-0a', 'eipalloc-0b'] }), WEB],
  ['logs of TLS', stack => tls({}, { accessLogs: AccessLogs.toBucket(new Bucket(stack, 'Bucket'), { prefix: 'a/b' }) })(stack), WEB],
  ['subnets of one zone', () => ({ vpcSubnets: { subnetType: SubnetType.PUBLIC, onePerAz: true } }), WEB], ['an empty list of clients', () => ({ openTo: [] }), WEB],
  ['everybody by IPv6', () => ({ openTo: [Peer.anyIpv6()] }), WEB], ['one zone', () => ({ crossZone: CrossZoneRouting.SAME_ZONE }), WEB],
];

describe('a configuration that a network load balancer rejects is reported at synthesis', () => {
  test.each(BAD)('%s', (_what, make, listening, rule, value, cure) => {
    const message = said(make, listening);
    expect(message).toMatch(/^Stack\/Exposed: /);
    [rule, value, cure].forEach(part => expect(message).toContain(part));
  });

  test('but similar valid ones are accepted: there are at least 40 bad ones and 30 good ones', () => {
    GOOD.forEach(([what, make, listening]) => expect([what, said(make, listening)]).toEqual([what, 'accepted']));
    expect(BAD.length).toBeGreaterThanOrEqual(40);
    expect(GOOD.length).toBeGreaterThanOrEqual(30);
  });

  test('but tokens are accepted', () => {
    const stack = newStack();
    const number = () => Lazy.number({ produce: () => 30 });
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const healthCheck = {
      path: text('Path'),
      interval: seconds(number()), timeout: seconds(number()), healthyThresholdCount: number(), unhealthyThresholdCount: number(),
    };
    const exposure = Exposure.publicNetwork({
      ports: [
        NetworkPort.tcp(number(), { healthCheck, idleTimeout: seconds(number()), deregistrationDelay: seconds(number()) }),
        NetworkPort.tcp(number()),
      ],
      elasticIps: [text('Eip1'), text('Eip2')],
    });
    const { template } = bound(exposure, WEB, { trafficShift: { testPort: number() } }, stack);
    template().hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckIntervalSeconds: 30, HealthCheckTimeoutSeconds: 30, HealthyThresholdCount: 30,
    });
    expect(targetGroupAttributes(template())['deregistration_delay.timeout_seconds']).toBe('30');
  });

  test.each([1, 2])('a VPC without public subnets', zones => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Inner', { maxAzs: zones, natGateways: 0, subnetConfiguration: [{ name: 'In', subnetType: SubnetType.PRIVATE_ISOLATED }] });
    expect(messageOf(() => bound(Exposure.publicNetwork(), WEB, { vpc }, stack)))
      .toBe("Stack/Exposed: 'exposure' must find public subnets, got \"a VPC without public subnets\". Give the VPC public subnets, or use Exposure.internalNetwork().");
  });

  test('access logs in a stack without a region', () => {
    expect(said(tls({}, { accessLogs: AccessLogs.ownBucket() }), WEB, newStack())).toBe(
      "Stack/Exposed: 'exposure.accessLogs' must be in a stack with a known region, because the AWS account that writes the logs depends on it, "
      + 'got "a stack for any region". Give the stack an env: { region: \'eu-west-1\' }.',
    );
  });

  test('an existing load balancer without security groups', () => {
    const stack = newStack();
    const loadBalancer = new NetworkLoadBalancer(stack, 'Shared', { vpc: new Vpc(stack, 'Inner') });
    expect(messageOf(() => bound(Exposure.onNetworkLoadBalancer(loadBalancer), WEB, {}, stack))).toBe(
      "Stack/Exposed: 'exposure.loadBalancer' must have security groups, so that tasks can allow only the load balancer, got []. "
      + 'Create it with securityGroups, or import it with loadBalancerSecurityGroups.',
    );
  });
});

describe('wrong types are reported with the path of the option:', () => {
  const given = (options: unknown) => messageOf(() => bound(Exposure.publicNetwork(wrong(options)), WEB));

  test.each<[string, unknown]>([
    ['', null], ['.ports[0]', { ports: [NetworkPort.tcp] }], ['.openTo[0]', { openTo: ['10.0.0.0/8'] }], ['.accessLogs', { accessLogs: AccessLogs.ownBucket }],
    ['.accessLogs.bucket', { accessLogs: AccessLogs.toBucket(wrong('bucket')) }], ['.vpcSubnets', { vpcSubnets: 'x' }],
    ['.ports[0].port', { ports: [NetworkPort.tcp(wrong(undefined))] }], ['.ports[0]', { ports: [NetworkPort.udp(53, wrong(null))] }],
    ['.ports[0].healthCheck', { ports: [NetworkPort.tcp(80, { healthCheck: wrong('/up') })] }],
    ['.ports[0].healthCheck.protocol', { ports: [NetworkPort.tcp(80, { healthCheck: { protocol: Protocol.UDP } })] }],
    ['.ports[0].certificate', { ports: [NetworkPort.tls(443, wrong('arn:…'))] }],
  ])('exposure%s: %j', (path, options) => {
    expect(given(options)).toMatch(told(`exposure${path}`));
  });

  test.each<[string, string, Exposure]>([
    ['port', 'Write ports: [NetworkPort.tcp(5432)].', Exposure.publicNetwork(wrong({ port: 5432 }))],
    ['crossZoneEnabled', 'Write crossZone: CrossZoneRouting.SAME_ZONE.', Exposure.internalNetwork(wrong({ crossZoneEnabled: false }))],
    ['elasticIps', 'Only Exposure.publicNetwork has Elastic IP addresses.', Exposure.internalNetwork(wrong({ elasticIps: ['eipalloc-0a', 'eipalloc-0b'] }))],
    ['ports[0].idleTimeout', 'Only NetworkPort.tcp(…) has an idle timeout', Exposure.publicNetwork({ ports: [NetworkPort.udp(53, wrong({ idleTimeout: seconds(60) }))] })],
    ['ports[0].clientAddress', 'Leave it out: with UDP', Exposure.publicNetwork({ ports: [NetworkPort.tcpUdp(53, wrong({ clientAddress: ClientAddress.PRESERVED }))] })],
    ['ports[0].sslPolicy', 'Use NetworkPort.tls(443, certificate).', Exposure.publicNetwork({ ports: [NetworkPort.tcp(80, wrong({ sslPolicy: SslPolicy.TLS12 }))] })],
    ['ports[0].healthCheck.healthyHttpCodes', 'Leave it out', Exposure.publicNetwork({ ports: [NetworkPort.tcp(80, { healthCheck: wrong({ healthyHttpCodes: '200' }) })] })],
  ])('exposure.%s does not exist for this exposure, and the message says what to use', (path, fix, exposure) => {
    const message = messageOf(() => bound(exposure, [...WEB, ...DNS]));
    expect(message).toMatch(told(`exposure.${path}`));
    expect(message).toContain(fix);
  });

  test.each([undefined, null, 'arn:…', {}, { connections: {} }])('a load balancer %j', loadBalancer => {
    expect(messageOf(() => bound(Exposure.onNetworkLoadBalancer(wrong(loadBalancer)), WEB))).toMatch(told('exposure.loadBalancer'));
  });

  test('an application load balancer', () => {
    const stack = newStack();
    const loadBalancer = new ApplicationLoadBalancer(stack, 'Shared', { vpc: new Vpc(stack, 'Vpc') });
    expect(messageOf(() => bound(Exposure.onNetworkLoadBalancer(wrong(loadBalancer)), WEB))).toMatch(told('exposure.loadBalancer'));
  });
});

test('a bucket with a customer managed KMS key is accepted, and one with an AWS managed key is not', () => {
  const logsIn = (bucketProps: BucketProps) => said(stack => tls({}, { accessLogs: AccessLogs.toBucket(new Bucket(stack, 'Bucket', bucketProps)) })(stack), WEB);
  expect(logsIn({ encryption: BucketEncryption.KMS })).toBe('accepted');
  expect(logsIn({ encryption: BucketEncryption.KMS_MANAGED })).toMatch(told('exposure.accessLogs.bucket'));
});
