import { Duration, Stack } from 'aws-cdk-lib';
import { ApplicationProtocolVersion, IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { HostedZone, PrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { AccessLogs, Exposure, HttpExposureOptions, HttpHealthCheck, HttpRedirect, HttpRoute, HttpsExposureOptions, ServerIdentity, Stickiness } from '../../../../src';
import { certificateIn, clusterOf, exposed, newRegionalStack, sharedListener, zoneIn } from '../../../helpers/http-exposure';
import { newStack } from '../../../helpers/stack';
import { messageOf } from '../../../helpers/wrong-input';

type Make = (stack: Stack) => Exposure;

const http = (options: HttpExposureOptions): Make => () => Exposure.publicHttp(options);
const check = (healthCheck: HttpHealthCheck) => http({ healthCheck });
const https = (options: HttpsExposureOptions): Make => stack => Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack)), options);
const named = (name: string, options = {}): Make => stack => Exposure.publicHttps(ServerIdentity.domain(name, zoneIn(stack), options));
const on = (route: HttpRoute, options = {}): Make => stack => Exposure.onListener(sharedListener(stack), route, options);
const grpc = (healthyGrpcCodes: string) => https({ protocolVersion: ApplicationProtocolVersion.GRPC, healthCheck: { healthyGrpcCodes } });
const seconds = Duration.seconds;
const certificates = (stack: Stack, amount: number) => Array.from({ length: amount }, (_, index) => certificateIn(stack, 'eu-west-1', `c${index}`));
const logs = (make: (stack: Stack) => AccessLogs): Make => stack => Exposure.publicHttp({ accessLogs: make(stack) });
const bucket = (stack: Stack) => new Bucket(stack, 'Logs');
const acl = (arn: string) => http({ webAclArn: arn });

/** Configurations that AWS rejects or that cannot work: a description, the property, the end of the message, and the exposure. */
const BAD: [string, string, string, Make][] = [
  ['listener port 0', 'port', 'got 0. Give the port that clients connect to', http({ port: 0 })],
  ['listener port 65536', 'port', 'got 65536. Give the port', http({ port: 65536 })],
  ['half a listener port', 'port', 'got 80.5. Give the port', https({ port: 80.5 })],
  ['a path without a slash', 'healthCheck.path', 'got "health". Give a path such as "/health"', check({ path: 'health' })],
  ['a path with a space', 'healthCheck.path', 'got "/my health". Give a path', check({ path: '/my health' })],
  ['a path of 1025 characters', 'healthCheck.path', 'Give a path such as', check({ path: `/${'h'.repeat(1024)}` })],
  ['an interval of 4 seconds', 'healthCheck.interval', 'from 5 to 300, got 4. Give whole seconds', check({ interval: seconds(4) })],
  ['an interval of 301 seconds', 'healthCheck.interval', 'from 5 to 300, got 301.', check({ interval: seconds(301) })],
  ['an interval of half seconds', 'healthCheck.interval', 'got 10.5.', check({ interval: Duration.millis(10_500) })],
  ['a timeout of a second', 'healthCheck.timeout', 'from 2 to 120, got 1.', check({ timeout: seconds(1) })],
  ['a timeout of 121 seconds', 'healthCheck.timeout', 'from 2 to 120, got 121.', check({ timeout: seconds(121), interval: seconds(300) })],
  ['a timeout as long as the interval', 'healthCheck.timeout', 'got 10. Give a shorter timeout, or an interval of at least 11 seconds.',
    check({ timeout: seconds(10), interval: seconds(10) })],
  ['a timeout longer than the usual interval', 'healthCheck.timeout', 'which is 10 seconds, got 10. Give a shorter timeout', check({ timeout: seconds(10) })],
  ['one good check', 'healthCheck.healthyThresholdCount', 'from 2 to 10, got 1. Give a number of checks', check({ healthyThresholdCount: 1 })],
  ['eleven good checks', 'healthCheck.healthyThresholdCount', 'from 2 to 10, got 11.', check({ healthyThresholdCount: 11 })],
  ['one bad check', 'healthCheck.unhealthyThresholdCount', 'from 2 to 10, got 1.', check({ unhealthyThresholdCount: 1 })],
  ['eleven bad checks', 'healthCheck.unhealthyThresholdCount', 'from 2 to 10, got 11.', check({ unhealthyThresholdCount: 11 })],
  ['the code 600', 'healthCheck.healthyHttpCodes', 'be codes from 200 to 499, or ranges, separated by commas, got "600". Write "200"', check({ healthyHttpCodes: '600' })],
  ['the code 199', 'healthCheck.healthyHttpCodes', 'got "199"', check({ healthyHttpCodes: '199' })],
  ['codes up to 599', 'healthCheck.healthyHttpCodes', 'got "200-599"', check({ healthyHttpCodes: '200-599' })],
  ['codes in letters', 'healthCheck.healthyHttpCodes', 'got "abc"', check({ healthyHttpCodes: 'abc' })],
  ['codes backwards', 'healthCheck.healthyHttpCodes', 'got "299-200"', check({ healthyHttpCodes: '299-200' })],
  ['codes with spaces', 'healthCheck.healthyHttpCodes', 'got "200, 201"', check({ healthyHttpCodes: '200, 201' })],
  ['the gRPC code 100', 'healthCheck.healthyGrpcCodes', 'be codes from 0 to 99', grpc('100')],
  ['HTTP codes with gRPC', 'healthCheck.healthyHttpCodes', 'be left out with gRPC, got "200". Write healthyGrpcCodes',
    https({ protocolVersion: ApplicationProtocolVersion.GRPC, healthCheck: { healthyHttpCodes: '200' } })],
  ['gRPC codes without gRPC', 'healthCheck.healthyGrpcCodes', 'be left out without gRPC, got "12". Write healthyHttpCodes', check({ healthyGrpcCodes: '12' })],
  ['a deregistration delay of 3601 seconds', 'deregistrationDelay', 'from 0 to 3600, got 3601. Give at most an hour', http({ deregistrationDelay: seconds(3601) })],
  ['a slow start of 29 seconds', 'slowStart', 'from 30 to 900, got 29.', http({ slowStart: seconds(29) })],
  ['a slow start of 901 seconds', 'slowStart', 'from 0 to 900, got 901.', http({ slowStart: seconds(901) })],
  ['stickiness for no time', 'stickiness.duration', 'from 1 to 604800, got 0.', http({ stickiness: Stickiness.loadBalancerCookie(seconds(0)) })],
  ['stickiness for more than a week', 'stickiness.duration', 'got 604801.', http({ stickiness: Stickiness.applicationCookie('id', seconds(604_801)) })],
  ['a cookie of the load balancer', 'stickiness.cookieName', 'got "AWSALBAPP". Give the name', http({ stickiness: Stickiness.applicationCookie('AWSALBAPP') })],
  ['a cookie without a name', 'stickiness.cookieName', 'got "".', http({ stickiness: Stickiness.applicationCookie('') })],
  ['HTTP/2 to tasks behind plain HTTP', 'protocolVersion', 'got "HTTP2". Expose the service with Exposure.publicHttps',
    http({ protocolVersion: ApplicationProtocolVersion.HTTP2 })],
  ['gRPC behind a shared listener with plain HTTP', 'protocolVersion', 'got "GRPC"', on(HttpRoute.path('/a'), { protocolVersion: ApplicationProtocolVersion.GRPC })],
  ['an idle timeout of 0', 'idleTimeout', 'from 1 to 4000, got 0.', http({ idleTimeout: seconds(0) })],
  ['an idle timeout of 4001 seconds', 'idleTimeout', 'from 1 to 4000, got 4001.', http({ idleTimeout: seconds(4001) })],
  ['a name of 33 characters', 'loadBalancerName', 'have 1 to 32 letters', http({ loadBalancerName: 'n'.repeat(33) })],
  ['a name with an underscore', 'loadBalancerName', 'got "my_web"', http({ loadBalancerName: 'my_web' })],
  ['a name that begins with a hyphen', 'loadBalancerName', 'got "-web"', http({ loadBalancerName: '-web' })],
  ['a name that ends with a hyphen', 'loadBalancerName', 'got "web-"', http({ loadBalancerName: 'web-' })],
  ['a name that begins with internal-', 'loadBalancerName', 'got "internal-web"', http({ loadBalancerName: 'internal-web' })],
  ['a web ACL for CloudFront', 'webAclArn', 'REGIONAL', acl('arn:aws:wafv2:us-east-1:111111111111:global/webacl/web/1')],
  ['the name of a web ACL', 'webAclArn', 'got "web"', acl('web')],
  ['an internal load balancer without IPv4 for the public', 'ipAddressType', 'Use IpAddressType.DUAL_STACK.',
    () => Exposure.internalHttp({ ipAddressType: IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4 })],
  ['logs in a bucket with a key of KMS', 'accessLogs.bucket', 'Use a bucket with BucketEncryption.S3_MANAGED',
    logs(stack => AccessLogs.toBucket(new Bucket(stack, 'Logs', { encryptionKey: new Key(stack, 'Key') })))],
  ['logs into a bucket with a key that AWS manages', 'accessLogs.bucket', 'S3_MANAGED',
    logs(stack => AccessLogs.toBucket(new Bucket(stack, 'Managed', { encryption: BucketEncryption.KMS_MANAGED })))],
  ['logs with a prefix of AWS', 'accessLogs.prefix', 'got "AWSLogs". Give a prefix', logs(stack => AccessLogs.toBucket(bucket(stack), { prefix: 'AWSLogs' }))],
  ['logs with a prefix that ends with a slash', 'accessLogs.prefix', 'got "web/"', logs(stack => AccessLogs.toBucket(bucket(stack), { prefix: 'web/' }))],
  ['logs that are deleted at once', 'accessLogs.expiration', 'got 0. Give whole days', logs(() => AccessLogs.ownBucket({ expiration: Duration.days(0) }))],
  ['a redirect from the port of HTTPS', 'redirect', 'must differ from \'exposure.port\', got 443.', https({ redirect: HttpRedirect.fromPort(443) })],
  ['a redirect from port 0', 'redirect', 'got 0.', https({ redirect: HttpRedirect.fromPort(0) })],
  ['26 more certificates', 'additionalCertificates', 'have at most 25 items',
    stack => Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack)), { additionalCertificates: certificates(stack, 26) })],
  ['a certificate of another region', 'identity.certificate', 'must be in eu-west-1, the region of the stack, got "us-east-1". Use one that is there',
    stack => Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack, 'us-east-1')))],
  ['one more certificate of another region', 'additionalCertificates[0]', 'got "us-east-1"',
    stack => Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack)), { additionalCertificates: [certificateIn(stack, 'us-east-1')] })],
  ['a name that is a URL', 'identity.domainName', 'got "https://app.example.com".', named('https://app.example.com')],
  ['a wildcard name', 'identity.domainName', 'got "*.example.com".', named('*.example.com')],
  ['a name outside of the zone', 'identity.domainName', 'must be in the hosted zone \'example.com\', got "app.example.org". Use a name such as "app.example.com"',
    named('app.example.org')],
  ['a name that only ends like the zone', 'identity.domainName', 'got "myexample.com"', named('myexample.com')],
  ['an alternative name outside of the zone', 'identity.domainName', 'got "www.example.org"', named('app.example.com', { alternativeNames: ['www.example.org'] })],
  ['an alternative name twice', 'identity.alternativeNames', 'have each name once',
    named('app.example.com', { alternativeNames: ['www.example.com', 'www.example.com'] })],
  ['eleven names', 'identity.alternativeNames', 'have at most 9 items',
    named('app.example.com', { alternativeNames: Array.from({ length: 10 }, (_, index) => `w${index}.example.com`) })],
  ['a certificate that could not be validated', 'identity.hostedZone', 'got "a private zone". Give the certificate too', stack => Exposure.internalHttps(
    ServerIdentity.domain('app.example.com', new PrivateHostedZone(stack, 'Private', { zoneName: 'example.com', vpc: clusterOf(stack).vpc })))],
  ['a zone whose name is unknown', 'identity.hostedZone', 'which know the name', stack => Exposure.publicHttps(
    ServerIdentity.domain('app.example.com', HostedZone.fromHostedZoneId(stack, 'Zone', 'Z1')))],
  ['priority 0', 'priority', 'from 1 to 50000, got 0.', on(HttpRoute.path('/a'), { priority: 0 })],
  ['priority 50001', 'priority', 'from 1 to 50000, got 50001.', on(HttpRoute.path('/a'), { priority: 50_001 })],
  ['a host without a dot', 'route', 'got "localhost". Write HttpRoute.host(', on(HttpRoute.host('localhost'))],
  ['a host with a port', 'route', 'got "app.example.com:80"', on(HttpRoute.host('app.example.com:80'))],
  ['a host of 129 characters', 'route', 'Write HttpRoute.host(', on(HttpRoute.host(`${'h'.repeat(125)}.com`))],
  ['a path that never matches', 'route', 'got "api/*". Write HttpRoute.path(', on(HttpRoute.path('api/*'))],
  ['a path with a query', 'route', 'the query has a condition of its own', on(HttpRoute.path('/search?q=1'))],
  ['a path of 129 characters', 'route', 'Write HttpRoute.path(', on(HttpRoute.path(`/${'p'.repeat(128)}`))],
  ['two conditions for the path', 'route', 'Give its values together: HttpRoute.path(one, another).', on(HttpRoute.path('/a').andPath('/b'))],
  ['two conditions for the host', 'route', 'have one condition for \'host\'', on(HttpRoute.host('a.com').andHost('b.com'))],
  ['a path without a value', 'route', 'have a value for \'path\'', on(HttpRoute.path())],
  ['the host as a header', 'route', 'got "Host".', on(HttpRoute.header('Host', 'a.com'))],
  ['a header with a long name', 'route', 'got "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"', on(HttpRoute.header('X'.repeat(41), '1'))],
  ['a header with a line feed', 'route', 'visible ASCII', on(HttpRoute.header('X-Version', '1\n2'))],
  ['a parameter of 129 characters', 'route', 'Write HttpRoute.query(', on(HttpRoute.query('version', 'v'.repeat(129)))],
  ['a method in small letters', 'route', 'got "get". Write HttpRoute.method(', on(HttpRoute.method('get'))],
  ['an address without a mask', 'route', 'got "10.0.0.1". Write HttpRoute.sourceIp(', on(HttpRoute.sourceIp('10.0.0.1'))],
  ['a mask of 33 bits', 'route', 'got "10.0.0.0/33"', on(HttpRoute.sourceIp('10.0.0.0/33'))],
  ['six values', 'route', 'have at most 5 values', on(HttpRoute.host('a.com', 'b.com', 'c.com').andPath('/a', '/b', '/c'))],
  ['seven wildcards', 'route', 'have at most 6 wildcards', on(HttpRoute.path('/*/*/*/*/*/*/*'))],
];

/** Similar configurations that are valid. */
const GOOD: [string, Make][] = [
  ['listener port 1', http({ port: 1 })], ['listener port 65535', http({ port: 65535 })],
  ['a path of 1024 characters', check({ path: `/${'h'.repeat(1023)}` })], ['a path with a query', check({ path: '/health?deep=1' })],
  ['an interval of 5 seconds', check({ interval: seconds(5) })], ['an interval of 300 seconds', check({ interval: seconds(300) })],
  ['a timeout of 2 seconds', check({ timeout: seconds(2) })], ['a timeout of 9 seconds', check({ timeout: seconds(9) })],
  ['a timeout of 120 seconds', check({ timeout: seconds(120), interval: seconds(121) })],
  ['two checks', check({ healthyThresholdCount: 2, unhealthyThresholdCount: 2 })], ['ten checks', check({ healthyThresholdCount: 10, unhealthyThresholdCount: 10 })],
  ['the code 200', check({ healthyHttpCodes: '200' })], ['codes up to 499', check({ healthyHttpCodes: '200-499' })], ['codes and ranges', check({ healthyHttpCodes: '200,202,300-302' })],
  ['the gRPC code 0', grpc('0')], ['all gRPC codes', grpc('0-99')],
  ['no deregistration delay', http({ deregistrationDelay: seconds(0) })], ['an hour of deregistration delay', http({ deregistrationDelay: Duration.hours(1) })],
  ['no slow start', http({ slowStart: seconds(0) })], ['half a minute of slow start', http({ slowStart: seconds(30) })],
  ['15 minutes of slow start', http({ slowStart: Duration.minutes(15) })],
  ['stickiness for a second', http({ stickiness: Stickiness.loadBalancerCookie(seconds(1)) })],
  ['stickiness for a week', http({ stickiness: Stickiness.applicationCookie('session', Duration.days(7)) })],
  ['HTTP/2 to tasks behind HTTPS', https({ protocolVersion: ApplicationProtocolVersion.HTTP2 })],
  ['HTTP/1.1 to tasks behind HTTP', http({ protocolVersion: ApplicationProtocolVersion.HTTP1 })],
  ['an idle timeout of a second', http({ idleTimeout: seconds(1) })], ['an idle timeout of 4000 seconds', http({ idleTimeout: seconds(4000) })],
  ['a name of 32 characters', http({ loadBalancerName: 'n'.repeat(32) })], ['a name of a letter', http({ loadBalancerName: 'n' })],
  ['a name with internal- inside', http({ loadBalancerName: 'web-internal-1' })],
  ['a regional web ACL', acl('arn:aws-cn:wafv2:eu-west-1:111111111111:regional/webacl/web/1')],
  ['a public load balancer without IPv4 for the public', http({ ipAddressType: IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4 })],
  ['logs in a bucket', logs(stack => AccessLogs.toBucket(bucket(stack), { prefix: 'a/b' }))], ['logs that are deleted after a day', logs(() => AccessLogs.ownBucket({ expiration: Duration.days(1) }))],
  ['a redirect from another port', https({ redirect: HttpRedirect.fromPort(8080) })],
  ['25 more certificates', stack => Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack)), { additionalCertificates: certificates(stack, 25) })],
  ['the name of the zone itself', named('example.com')], ['a name in capital letters', named('App.Example.com')],
  ['nine alternative names', named('app.example.com', { alternativeNames: Array.from({ length: 9 }, (_, index) => `w${index}.example.com`) })],
  ['priority 1', on(HttpRoute.path('/a'), { priority: 1 })], ['priority 50000', on(HttpRoute.path('/a'), { priority: 50_000 })],
  ['a wildcard host', on(HttpRoute.host('*.example.com'))], ['a host of 128 characters', on(HttpRoute.host(`${'h'.repeat(124)}.com`))],
  ['a path of 128 characters', on(HttpRoute.path(`/${'p'.repeat(127)}`))], ['any path', on(HttpRoute.path('*'))],
  ['two headers', on(HttpRoute.header('X-One', '1').andHeader('X-Two', '2'))], ['a header with a name of 40 characters', on(HttpRoute.header('X'.repeat(40), '1'))],
  ['a parameter of 128 characters', on(HttpRoute.query('v'.repeat(128), 'v'.repeat(128)))], ['a method of your own', on(HttpRoute.method('PURGE_ALL'))],
  ['all addresses', on(HttpRoute.sourceIp('0.0.0.0/0', '::/0'))], ['five values', on(HttpRoute.host('a.com', 'b.com').andPath('/a', '/b', '/c'))],
  ['six wildcards', on(HttpRoute.path('/*/*/*/*/*/*'))],
];

test.each(BAD)('%s is rejected with path, property, value and fix', (_what, property, told, make) => {
  const stack = newRegionalStack();
  const message = messageOf(() => exposed(make(stack), { stack }));
  expect(message).toMatch(new RegExp(`^Stack/Service/Exposure: 'exposure\\.${property.replace(/[.[\]]/g, '\\$&')}' must `));
  expect(message).toContain(told);
});

test.each(GOOD)('%s is accepted', (_what, make) => {
  const stack = newRegionalStack();
  expect(messageOf(() => exposed(make(stack), { stack }))).toBe('accepted');
});

test('at least 45 bad configurations and 30 good neighbours are tried', () => {
  expect(BAD.length).toBeGreaterThanOrEqual(45);
  expect(GOOD.length).toBeGreaterThanOrEqual(30);
});

test('access logs are rejected in a stack without a region, because the account that writes them depends on the region', () => {
  const stack = newStack();
  expect(messageOf(() => exposed(Exposure.publicHttp({ accessLogs: AccessLogs.ownBucket() }), { stack }))).toBe(
    "Stack/Service/Exposure: 'exposure.accessLogs' must be in a stack with a known region, because the AWS account that writes the logs depends on it, "
    + "got \"a stack for any region\". Give the stack an env: { region: 'eu-west-1' }.",
  );
});
