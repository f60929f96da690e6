import { Stack } from 'aws-cdk-lib';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AccessLogs, Exposure, HttpRedirect, HttpRoute, ServerIdentity, Stickiness } from '../../../../src';
import { certificateIn, exposed, newRegionalStack, sharedListener, zoneIn } from '../../../helpers/http-exposure';
import { messageOf, told, wrong } from '../../../helpers/wrong-input';

function messageFor(make: (stack: Stack) => Exposure): string {
  const stack = newRegionalStack();
  return messageOf(() => exposed(make(stack), { stack }));
}

const identityOf = (stack: Stack) => ServerIdentity.certificate(certificateIn(stack));

describe('whatever JavaScript lets through is told with path, property, rule, value and cure, never with a TypeError:', () => {
  test.each([null, 'x', 80, []])('options that are %j', value => {
    expect(messageFor(() => Exposure.publicHttp(wrong(value)))).toMatch(told('exposure'));
    expect(messageFor(() => Exposure.internalHttp(wrong(value)))).toMatch(told('exposure'));
    expect(messageFor(stack => Exposure.publicHttps(identityOf(stack), wrong(value)))).toMatch(told('exposure'));
    expect(messageFor(stack => Exposure.onListener(sharedListener(stack), HttpRoute.path('/a'), wrong(value)))).toMatch(told('exposure'));
    expect(messageFor(stack => Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, wrong(value)))).toMatch(told('exposure'));
  });

  test.each<[string, unknown]>([
    ['port', '80'], ['port', null], ['containerName', 80], ['containerName', null], ['containerPort', '80'], ['containerPort', null],
    ['healthCheck', null], ['healthCheck', '/health'], ['healthCheck.path', 80], ['healthCheck.path', null], ['healthCheck.healthyCodes', 200],
    ['healthCheck.interval', 30], ['healthCheck.timeout', '5'], ['healthCheck.healthyThresholdCount', '2'],
    ['deregistrationDelay', 30], ['deregistrationDelay', null], ['slowStart', 30], ['slowStart', null],
    ['stickiness', true], ['stickiness', null], ['stickiness', Stickiness.loadBalancerCookie], ['protocolVersion', 'GRPCv2'], ['protocolVersion', null],
    ['targetProtocol', 'TCP'], ['targetProtocol', null], ['openTo', 'everybody'], ['openTo', null], ['openTo', Peer.anyIpv4()],
    ['testOpenTo', 'x'], ['idleTimeout', 60], ['idleTimeout', null], ['accessLogs', true],
    ['accessLogs', AccessLogs.ownBucket], ['accessLogs', null], ['deletionProtection', 'yes'], ['deletionProtection', null], ['webAclArn', 1], ['webAclArn', null],
    ['loadBalancerName', 1], ['loadBalancerName', null], ['ipAddressType', 'ipv6'], ['ipAddressType', null], ['vpcSubnets', 'App'], ['vpcSubnets', null],
  ])('a wrong %s: %p', (property, value) => {
    const [first, second] = property.split('.');
    expect(messageFor(() => Exposure.publicHttp(wrong({ [first]: second === undefined ? value : { [second]: value } })))).toMatch(told(`exposure.${property}`));
  });

  test.each<[string, unknown]>([
    ['sslPolicy', 'TLS'], ['sslPolicy', null], ['redirect', true], ['redirect', HttpRedirect.none], ['redirect', null], ['redirect', HttpRedirect.fromPort(wrong('80'))],
    ['additionalCertificates', 'arn'], ['additionalCertificates', null], ['additionalCertificates', [null]], ['additionalCertificates', ['arn']],
  ])('a wrong %s with HTTPS: %p', (property, value) => {
    expect(messageFor(stack => Exposure.publicHttps(identityOf(stack), wrong({ [property]: value })))).toMatch(told(`exposure.${property}`));
  });

  test.each<[string, unknown]>([['sslPolicy', 'TLS'], ['sslPolicy', null], ['openTo', null]])('a wrong %s of a listener on a load balancer that exists: %p', (property, value) => {
    const options = (stack: Stack) => wrong<object>({ port: 81, identity: identityOf(stack), [property]: value });
    expect(messageFor(stack => Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, options(stack)))).toMatch(told(`exposure.${property}`));
  });

  test.each([null, '10.0.0.0/8', Peer.ipv4])('openTo with %p in it', value => {
    expect(messageFor(() => Exposure.publicHttp(wrong({ openTo: [value] })))).toMatch(told('exposure.openTo[0]'));
  });

  test('a client without security groups: a function outside of any VPC', () => {
    expect(messageFor(stack => Exposure.publicHttp({ openTo: [lambda.Function.fromFunctionName(stack, 'Function', 'outside')] }))).toMatch(told('exposure.openTo[0]'));
  });

  test.each<[string, (stack: Stack) => unknown]>([
    ['', () => undefined], ['', () => null], ['', () => 'app.example.com'], ['', () => ServerIdentity.certificate], ['', stack => certificateIn(stack)],
    ['.certificate', () => ServerIdentity.certificate(wrong(undefined))], ['.certificate', () => ServerIdentity.certificate(wrong('arn'))],
    ['.certificate', () => ServerIdentity.certificate(wrong(null))], ['.options', stack => ServerIdentity.certificate(certificateIn(stack), wrong('app.example.com'))],
    ['.options', stack => ServerIdentity.certificate(certificateIn(stack), wrong(null))],
    ['.domainName', stack => ServerIdentity.certificate(certificateIn(stack), wrong({ domainName: 1 }))],
    ['.domainName', stack => ServerIdentity.domain(wrong(undefined), zoneIn(stack))], ['.domainName', stack => ServerIdentity.domain(wrong(null), zoneIn(stack))],
    ['.hostedZone', () => ServerIdentity.domain('app.example.com', wrong(undefined))], ['.hostedZone', () => ServerIdentity.domain('app.example.com', wrong('Z1'))],
    ['.hostedZone', () => ServerIdentity.domain('app.example.com', wrong({}))], ['.options', stack => ServerIdentity.domain('app.example.com', zoneIn(stack), wrong(null))],
    ['.certificate', stack => ServerIdentity.domain('app.example.com', zoneIn(stack), wrong({ certificate: null }))],
    ['.alternativeNames', stack => ServerIdentity.domain('app.example.com', zoneIn(stack), wrong({ alternativeNames: 'www.example.com' }))],
    ['.alternativeNames', stack => ServerIdentity.domain('app.example.com', zoneIn(stack), wrong({ alternativeNames: [null] }))],
  ])('a wrong identity%s: %p', (part, make) => {
    expect(messageFor(stack => Exposure.publicHttps(wrong(make(stack))))).toMatch(told(`exposure.identity${part}`));
  });

  test.each([undefined, null, 'arn', {}])('a listener that is %j', value => {
    expect(messageFor(() => Exposure.onListener(wrong(value), HttpRoute.path('/a')))).toMatch(told('exposure.listener'));
    expect(messageFor(() => Exposure.onLoadBalancer(wrong(value)))).toMatch(told('exposure.loadBalancer'));
  });

  test.each<[unknown]>([
    [undefined], [null], ['/a'], [HttpRoute], [HttpRoute.path], [HttpRoute.path(wrong(null))], [HttpRoute.path(wrong(['/a', '/b']))], [HttpRoute.host(wrong(1))],
    [HttpRoute.header(wrong(undefined), 'x')], [HttpRoute.query(wrong(null), 'x')], [HttpRoute.query('x', wrong(1))], [HttpRoute.method(wrong({}))],
    [HttpRoute.sourceIp(wrong(Peer.anyIpv4()))],
  ])('a route that is %p', route => {
    expect(messageFor(stack => Exposure.onListener(sharedListener(stack), wrong(route)))).toMatch(told('exposure.route'));
  });

  test.each<[string, unknown]>([['priority', '5'], ['priority', null], ['testListener', null], ['testListener', 8080], ['openTo', 'x'], ['openTo', null]])('a wrong %s of a shared listener: %p', (property, value) => {
    expect(messageFor(stack => Exposure.onListener(sharedListener(stack), HttpRoute.path('/a'), wrong({ [property]: value })))).toMatch(told(`exposure.${property}`));
  });

  test.each<[string, (stack: Stack) => unknown]>([
    ['bucket', () => AccessLogs.toBucket(wrong('logs'))], ['bucket', () => AccessLogs.toBucket(wrong(undefined))],
    ['expiration', () => AccessLogs.ownBucket(wrong({ expiration: 30 }))], ['prefix', stack => AccessLogs.toBucket(new Bucket(stack, 'Logs'), wrong({ prefix: 1 }))],
    ['', () => AccessLogs.ownBucket(wrong(30))], ['', stack => AccessLogs.toBucket(new Bucket(stack, 'Logs'), wrong('web'))],
  ])('access logs with a wrong %s', (part, make) => {
    expect(messageFor(stack => Exposure.publicHttp(wrong({ accessLogs: make(stack) })))).toMatch(told(['exposure.accessLogs', part].filter(Boolean).join('.')));
  });

  test.each<[string, () => unknown]>([
    ['duration', () => Stickiness.loadBalancerCookie(wrong(60))], ['duration', () => Stickiness.loadBalancerCookie(wrong(null))],
    ['cookieName', () => Stickiness.applicationCookie(wrong(undefined))], ['cookieName', () => Stickiness.applicationCookie(wrong(1))],
  ])('stickiness with a wrong %s', (part, make) => {
    expect(messageFor(() => Exposure.publicHttp(wrong({ stickiness: make() })))).toMatch(told(`exposure.stickiness.${part}`));
  });
});
