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

describe('wrong types are reported with the path of the option:', () => {
  test.each([null, 'x', 80, []])('options that are %j', value => {
    expect(messageFor(() => Exposure.publicHttp(wrong(value)))).toMatch(told('exposure'));
    expect(messageFor(() => Exposure.internalHttp(wrong(value)))).toMatch(told('exposure'));
    expect(messageFor(stack => Exposure.publicHttps(identityOf(stack), wrong(value)))).toMatch(told('exposure'));
    expect(messageFor(stack => Exposure.onListener(sharedListener(stack), HttpRoute.path('/a'), wrong(value)))).toMatch(told('exposure'));
    expect(messageFor(stack => Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, wrong(value)))).toMatch(told('exposure'));
  });

  test.each<[string, object]>([
    ['containerName', { containerName: 80 }], ['healthCheck.path', { healthCheck: { path: 80 } }], ['healthCheck.interval', { healthCheck: { interval: 30 } }],
    ['stickiness', { stickiness: Stickiness.loadBalancerCookie }], ['openTo', { openTo: Peer.anyIpv4() }], ['openTo[0]', { openTo: [Peer.ipv4] }],
    ['accessLogs', { accessLogs: AccessLogs.ownBucket }], ['vpcSubnets', { vpcSubnets: 'App' }],
  ])('exposure.%s', (path, options) => {
    expect(messageFor(() => Exposure.publicHttp(options))).toMatch(told(`exposure.${path}`));
  });

  test.each<[string, object]>([
    ['redirect', { redirect: HttpRedirect.none }], ['redirect', { redirect: HttpRedirect.fromPort(wrong('80')) }], ['redirect', { redirect: HttpRedirect.fromPort(wrong(undefined)) }], ['additionalCertificates[0]', { additionalCertificates: ['arn'] }],
  ])('exposure.%s with HTTPS', (path, options) => {
    expect(messageFor(stack => Exposure.publicHttps(identityOf(stack), options))).toMatch(told(`exposure.${path}`));
  });

  test.each<[string, string, (stack: Stack) => Exposure]>([
    ['redirect', 'Only Exposure.publicHttps and Exposure.internalHttps have a redirect.', () => Exposure.publicHttp(wrong({ redirect: HttpRedirect.none() }))],
    ['certificate', 'Use Exposure.publicHttps(ServerIdentity.certificate(certificate)).', () => Exposure.publicHttp(wrong({ certificate: {} }))],
    ['listenerPort', 'Write port.', () => Exposure.internalHttp(wrong({ listenerPort: 8080 }))],
    ['healthCheck.healthyCodes', 'Write healthyHttpCodes, or with gRPC healthyGrpcCodes.', () => Exposure.publicHttp({ healthCheck: wrong({ healthyCodes: '200' }) })],
    ['priority', 'Only Exposure.onListener has a priority.', stack => Exposure.publicHttps(identityOf(stack), wrong({ priority: 1 }))],
    ['accessLogs', 'Set it on the load balancer.', stack => Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, wrong({ accessLogs: AccessLogs.ownBucket() }))],
    ['port', 'Set it on the listener.', stack => Exposure.onListener(sharedListener(stack), HttpRoute.path('/a'), wrong({ port: 80 }))],
  ])('exposure.%s does not exist for this exposure, and the message says what to use', (path, fix, make) => {
    const message = messageFor(make);
    expect(message).toMatch(told(`exposure.${path}`));
    expect(message).toContain(fix);
  });

  test('a client without security groups: a function outside of any VPC', () => {
    expect(messageFor(stack => Exposure.publicHttp({ openTo: [lambda.Function.fromFunctionName(stack, 'Function', 'outside')] }))).toMatch(told('exposure.openTo[0]'));
  });

  test.each<[string, (stack: Stack) => unknown]>([
    ['', () => undefined], ['', () => null], ['', () => 'app.example.com'], ['', () => ServerIdentity.certificate], ['', stack => certificateIn(stack)],
    ['.certificate', () => ServerIdentity.certificate(wrong(undefined))], ['.certificate', () => ServerIdentity.certificate(wrong('arn'))],
    ['.certificate', () => ServerIdentity.certificate(wrong(null))], ['', stack => ServerIdentity.certificate(certificateIn(stack), wrong('app.example.com'))],
    ['', stack => ServerIdentity.certificate(certificateIn(stack), wrong(null))],
    ['.domainName', stack => ServerIdentity.certificate(certificateIn(stack), wrong({ domainName: 1 }))],
    ['.domainName', stack => ServerIdentity.domain(wrong(undefined), zoneIn(stack))], ['.domainName', stack => ServerIdentity.domain(wrong(null), zoneIn(stack))],
    ['.hostedZone', () => ServerIdentity.domain('app.example.com', wrong(undefined))], ['.hostedZone', () => ServerIdentity.domain('app.example.com', wrong('Z1'))],
    ['.hostedZone', () => ServerIdentity.domain('app.example.com', wrong({}))], ['', stack => ServerIdentity.domain('app.example.com', zoneIn(stack), wrong(null))],
    ['.certificate', stack => ServerIdentity.domain('app.example.com', zoneIn(stack), wrong({ certificate: null }))],
    ['.alternativeNames', stack => ServerIdentity.domain('app.example.com', zoneIn(stack), wrong({ alternativeNames: 'www.example.com' }))],
    ['.alternativeNames[0]', stack => ServerIdentity.domain('app.example.com', zoneIn(stack), wrong({ alternativeNames: [null] }))],
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

  test.each<[string, unknown]>([['testListener', null], ['testListener', 8080]])('a wrong %s of a shared listener: %p', (property, value) => {
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
