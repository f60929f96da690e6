import { CfnParameter, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { AppProtocol } from 'aws-cdk-lib/aws-ecs';
import { DnsRecordType, HttpNamespace, INamespace, PrivateDnsNamespace, PublicDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { bound, exposed, NGINX } from './scene';
import { CloudMapOptions, Exposure, FargateService, ServiceConnectOptions, ServiceConnectProtocol } from '../../../../src';
import { Match, newCluster, newStack } from '../../../helpers/stack';
import { messageOf, told, wrong } from '../../../helpers/wrong-input';

const seconds = Duration.seconds;
const WEB = ['web:80/tcp'];
const { TCP, GRPC } = ServiceConnectProtocol;
const http = (stack: Stack): INamespace => new HttpNamespace(stack, 'Http', { name: 'internal' });
const dns = (stack: Stack): INamespace => new PrivateDnsNamespace(stack, 'Dns', { name: 'internal', vpc: new Vpc(stack, 'Other') });

function connected(options: ServiceConnectOptions, ports = WEB): string {
  const stack = newStack();
  return messageOf(() => bound(Exposure.serviceConnect({ namespace: http(stack), ...options }), ports, {}, stack).template());
}

function found(options: Partial<CloudMapOptions>, ports = WEB): string {
  const stack = newStack();
  return messageOf(() => bound(Exposure.cloudMap({ name: 'web', namespace: dns(stack), ...options }), ports, {}, stack).template());
}

/** A description, the exposure, parts of the message: property and rule, value, fix. */
const BAD: [string, () => string, string, string, string][] = [
  ['a name with a capital', () => connected({ dnsName: 'Web' }), "'exposure.dnsName' must have up to 127 lower-case letters", 'got "Web"', 'such as "web"'],
  ['a name that begins with a hyphen', () => connected({ dnsName: '-web' }), "'exposure.dnsName' must", 'got "-web"', 'such as "web"'],
  ['no name', () => connected({ dnsName: '' }), "'exposure.dnsName' must", 'got ""', 'such as "web"'],
  ['a name of 128 characters', () => connected({ dnsName: 'a'.repeat(128) }), "'exposure.dnsName' must", 'got "aaa', 'such as "web"'],
  ['a name with a slash', () => connected({ dnsName: 'web/api' }), "'exposure.dnsName' must", 'got "web/api"', 'such as "web"'],
  ['a discovery name with a dot', () => connected({ discoveryName: 'web.api' }), "'exposure.discoveryName' must have up to 64", 'got "web.api"', 'such as "web"'],
  ['a discovery name of 65 characters', () => connected({ discoveryName: 'a'.repeat(65) }), "'exposure.discoveryName' must", 'got "aaa', 'such as "web"'],
  ['a discovery name that begins with a hyphen', () => connected({ discoveryName: '-web' }), "'exposure.discoveryName' must", 'got "-web"', 'such as "web"'],
  ['port 0', () => connected({ port: 0 }), "'exposure.port' must be a whole number from 1 to 65535", 'got 0', 'leave it out'],
  ['port 65536', () => connected({ port: 65536 }), "'exposure.port' must be a whole number", 'got 65536', 'leave it out'],
  ['an idle timeout of half a second', () => connected({ idleTimeout: Duration.millis(500) }), "'exposure.idleTimeout' must be a whole number", 'got 0.5', 'whole seconds'],
  ['a request timeout beyond 68 years', () => connected({ perRequestTimeout: Duration.days(24856) }), "'exposure.perRequestTimeout' must be", 'got 21475', 'whole seconds'],
  ['a request timeout of TCP', () => connected({ protocol: TCP, perRequestTimeout: seconds(1) }), "'exposure.perRequestTimeout' must be left out", 'got "tcp"', 'HTTP'],
  ['a header of TCP', () => connected({ protocol: TCP, testHeader: { name: 'x-test' } }), "'exposure.testHeader' must be left out", 'got "tcp"', 'HTTP'],
  ['a header with a space', () => connected({ testHeader: { name: 'x test' } }), "'exposure.testHeader.name' must be the name of a header", 'got "x test"', '"x-test"'],
  ['a header on two lines', () => connected({ testHeader: { name: 'x', value: 'a\nb' } }), "'exposure.testHeader.value' must be a string on one line", 'got "a', 'any'],
  ['a container that is not there', () => connected({ containerName: 'wbe' }), "'exposure.containerName' must be the name of a container", 'got "wbe"', 'Use one of: web.'],
  ['a port that is not there', () => connected({ containerPort: 81 }), "'exposure.containerPort' must be a port of the container", 'got 81', 'Use one of: 80.'],
  ['two possible ports', () => connected({}, ['web:80/tcp', 'admin:81/tcp']), "'exposure' must select one of several TCP ports", 'admin: 81/tcp', "containerName: 'web'"],
  ['a service that speaks UDP', () => connected({}, ['dns:53/udp']), "'containers' must have a container with a TCP port", 'got ["dns: 53/udp"]', 'port: 80'],
  ['no namespace', () => messageOf(() => exposed(Exposure.serviceConnect())), "'exposure.namespace' must be given", 'got undefined', 'addDefaultCloudMapNamespace'],
  ['a client without a namespace', () => messageOf(() => exposed(Exposure.serviceConnectClient())), "'exposure.namespace' must be given", 'got undefined', 'Give one'],
  ['a container whose name begins with a hyphen', () => connected({}, ['-web:80/tcp']), "'containers' must give the port a name", 'got "-web-80-tcp"', 'e.g. "web"'],
  ['another protocol than that of the port', () => spoken(AppProtocol.http2, GRPC), "'exposure.protocol' must be \"http2\", the protocol of the container port", 'got "grpc"', 'Leave it out'],
  ['no DNS in the namespace', () => {
    const stack = newStack();
    return messageOf(() => bound(Exposure.cloudMap({ name: 'web', namespace: http(stack) }), WEB, {}, stack));
  }, "'exposure.namespace' must be a DNS namespace", 'got "HTTP"', 'PrivateDnsNamespace'],
  ['Cloud Map without a namespace', () => messageOf(() => exposed(Exposure.cloudMap({ name: 'web' }))), "'exposure.namespace' must be given", 'got undefined', 'Give one'],
  ['a DNS name with a space', () => found({ name: 'my web' }), "'exposure.name' must be a valid DNS name of up to 127 characters", 'got "my web"', 'such as "web"'],
  ['a DNS name of 128 characters', () => found({ name: `${'a'.repeat(63)}.${'a'.repeat(64)}` }), "'exposure.name' must be a valid DNS name", 'got "aaa', 'such as "web"'],
  ['a label of 64 characters', () => found({ name: 'a'.repeat(64) }), "'exposure.name' must be a valid DNS name", 'got "aaa', 'such as "web"'],
  ['a DNS name with two dots', () => found({ name: 'a..b' }), "'exposure.name' must be a valid DNS name", 'got "a..b"', 'such as "web"'],
  ['a CNAME', () => found({ dnsRecordType: DnsRecordType.CNAME }), "'exposure.dnsRecordType' must be A or SRV", 'got "CNAME"', 'DnsRecordType.A'],
  ['half a second to live', () => found({ dnsTtl: Duration.millis(500) }), "'exposure.dnsTtl' must be a whole number", 'got 0.5', 'whole seconds'],
  ['no listening port', () => found({}, []), "'containers' must have a container with a TCP or UDP port", 'got []', 'TCP or UDP port'],
];

const GOOD: [string, () => string][] = [
  ['the longest name', () => connected({ dnsName: 'a'.repeat(127) })], ['a name with everything', () => connected({ dnsName: '_web-1.internal' })],
  ['the longest discovery name', () => connected({ discoveryName: 'a'.repeat(64) })], ['an underscore', () => connected({ discoveryName: '_web' })],
  ['port 1', () => connected({ port: 1 })], ['port 65535', () => connected({ port: 65535 })],
  ['no idle timeout', () => connected({ idleTimeout: seconds(0) })], ['no request timeout', () => connected({ perRequestTimeout: seconds(0) })],
  ['an idle timeout of TCP', () => connected({ protocol: TCP, idleTimeout: Duration.hours(2) })],
  ['a request timeout of gRPC', () => connected({ protocol: GRPC, perRequestTimeout: seconds(1) })],
  ['a header with any value', () => connected({ testHeader: { name: 'x-test' } })],
  ['one of two containers', () => connected({ containerName: 'admin' }, ['web:80/tcp', 'admin:81/tcp'])],
  ['TCP next to UDP', () => connected({}, ['dns:53/tcp', 'dns:53/udp'])],
  ['the protocol of the port', () => spoken(AppProtocol.http2, undefined)], ['the same protocol as the port', () => spoken(AppProtocol.grpc, GRPC)],
  ['a capital in the name of a container', () => namedBy('Web')],
  ['a name for SRV records', () => found({ name: '_web._tcp', dnsRecordType: DnsRecordType.SRV })], ['a label of 63 characters', () => found({ name: 'a'.repeat(63) })],
  ['no time to live', () => found({ dnsTtl: seconds(0) })], ['UDP', () => found({}, ['dns:53/udp'])],
  ['a public namespace', () => {
    const stack = newStack();
    const namespace = new PublicDnsNamespace(stack, 'Public', { name: 'example.com' });
    return messageOf(() => bound(Exposure.cloudMap({ name: 'web', namespace }), WEB, {}, stack));
  }],
  ['an empty list of clients', () => found({ openTo: [] })],
];

/** A port with an application protocol. */
function spoken(appProtocol: AppProtocol, protocol: ServiceConnectProtocol | undefined): string {
  const stack = newStack();
  const { service } = exposed(Exposure.none(), {}, stack);
  const mappings = service.taskDefinition.findContainer('web')?.portMappings ?? [];
  mappings[0] = { ...mappings[0], appProtocol };
  return messageOf(() => Exposure.serviceConnect({ namespace: http(stack), protocol }).bind(stack, {
    service: service.ecsService, vpc: service.ecsService.cluster.vpc, ports: [{ containerName: 'web', port: 80, protocol: wrong('tcp'), portName: 'web' }],
  }));
}

function namedBy(container: string): string {
  const stack = newStack();
  return messageOf(() => new FargateService(stack, 'Service', {
    cluster: newCluster(stack),
    containers: { [container]: { image: NGINX, port: 80 } },
    exposure: Exposure.serviceConnect({ namespace: http(stack) }),
  }));
}

describe('a name that Service Connect or Cloud Map rejects is reported at synthesis', () => {
  test.each(BAD)('%s', (_what, say, rule, value, cure) => {
    const message = say();
    expect(message).toMatch(/^Stack[\w/]*: /);
    [rule, value, cure].forEach(part => expect(message).toContain(part));
  });

  test('but similar valid names are accepted: there are at least 30 bad ones and 20 good ones', () => {
    GOOD.forEach(([what, say]) => expect([what, say()]).toEqual([what, 'accepted']));
    expect(BAD.length).toBeGreaterThanOrEqual(30);
    expect(GOOD.length).toBeGreaterThanOrEqual(20);
  });

  test('but tokens are accepted', () => {
    const stack = newStack();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const number = () => Lazy.number({ produce: () => 90 });
    const { template, endpoint } = bound(Exposure.serviceConnect({
      namespace: http(stack), dnsName: text('A'), discoveryName: text('B'), port: number(), idleTimeout: seconds(number()), perRequestTimeout: seconds(number()),
      testHeader: { name: text('C'), value: text('D') },
    }), WEB, {}, stack);
    template().hasResourceProperties('AWS::ECS::Service', {
      ServiceConnectConfiguration: {
        Services: [{
          DiscoveryName: { Ref: 'B' },
          Timeout: { IdleTimeoutSeconds: 90, PerRequestTimeoutSeconds: 90 },
          ClientAliases: [{ DnsName: { Ref: 'A' }, Port: 90, TestTrafficRules: { Header: { Name: { Ref: 'C' }, Value: { Exact: { Ref: 'D' } } } } }],
        }],
      },
    });
    expect(endpoint()).toBe('http://${A}:90');

    const other = newStack();
    const name = new CfnParameter(other, 'E').valueAsString;
    bound(Exposure.cloudMap({ name, namespace: dns(other), dnsTtl: seconds(number()) }), WEB, {}, other).template()
      .hasResourceProperties('AWS::ServiceDiscovery::Service', { Name: { Ref: 'E' }, DnsConfig: Match.objectLike({ DnsRecords: [{ Type: 'A', TTL: 90 }] }) });
  });
});

describe('wrong types are reported with the path of the option:', () => {
  test.each([null, 'x', 80])('options %j', options => {
    expect(messageOf(() => exposed(Exposure.serviceConnect(wrong(options))))).toMatch(told('exposure'));
    expect(messageOf(() => exposed(Exposure.serviceConnectClient(wrong(options))))).toMatch(told('exposure'));
    expect(messageOf(() => exposed(Exposure.cloudMap(wrong(options))))).toMatch(told('exposure'));
  });

  test.each<[string, object]>([
    ['tls.certificateAuthority', { tls: {} }], ['testHeader.value', { testHeader: { name: 'x', value: 1 } }], ['openTo[0]', { openTo: [null] }],
    ['logDriver', { logDriver: {} }], ['portMappingName', { portMappingName: 'web' }],
  ])('Service Connect: %s', (path, options) => {
    expect(connected(options)).toMatch(told(`exposure.${path}`));
  });

  test.each<[string, object]>([['name', { name: undefined }], ['namespace', { namespace: 'internal' }], ['cloudMapNamespace', { cloudMapNamespace: {} }]])('Cloud Map: %s', (path, options) => {
    expect(found(options)).toMatch(told(`exposure.${path}`));
  });

  test.each<[unknown, unknown]>([
    [undefined, Exposure.none()], ['', Exposure.none()], ['a b', Exposure.none()], [1, Exposure.none()], ['a/b', Exposure.none()],
    ['Mesh', undefined], ['Mesh', null], ['Mesh', 'x'], ['Mesh', Exposure.none],
  ])('an additional exposure with wrong %p: %p', (id, other) => {
    expect(messageOf(() => exposed(Exposure.publicNetwork().also(wrong(id), wrong(other))))).toMatch(told('exposure'));
  });

  test('a token in place of an id', () => {
    const token = new CfnParameter(newStack(), 'Id').valueAsString;
    expect(messageOf(() => exposed(Exposure.none().also(token, Exposure.none())))).toContain('got "a token"');
  });
});
