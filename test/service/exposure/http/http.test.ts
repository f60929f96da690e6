import { Duration } from 'aws-cdk-lib';
import { ContainerImage, Protocol } from 'aws-cdk-lib/aws-ecs';
import { ApplicationProtocol, ApplicationProtocolVersion, IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AccessLogs, Exposure, HttpExposureOptions, ListeningPort, ServerIdentity, Stickiness } from '../../../../src';
import { httpPort } from '../../../../src/service/exposure/target-port';
import { attributesOf, certificateIn, exposed, newRegionalStack, propertiesOf } from '../../../helpers/http-exposure';
import { Match, newStack, Template } from '../../../helpers/stack';

const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

function groupOf(options: HttpExposureOptions) {
  const { stack } = exposed(Exposure.publicHttp(options));
  const [group] = propertiesOf(stack, GROUP);
  return { ...group, attributes: attributesOf(group.TargetGroupAttributes) };
}

function loadBalancerOf(options: HttpExposureOptions, stack = newRegionalStack()) {
  exposed(Exposure.publicHttp(options), { stack });
  const [loadBalancer] = propertiesOf(stack, LOAD_BALANCER);
  return { ...loadBalancer, attributes: attributesOf(loadBalancer.LoadBalancerAttributes) };
}

describe('a service exposed over HTTP', () => {
  test('has the health check that you configure, which replaces unhealthy tasks', () => {
    const healthCheck = {
      path: '/health', healthyHttpCodes: '200-299,401', interval: Duration.seconds(20), timeout: Duration.seconds(3),
      healthyThresholdCount: 2, unhealthyThresholdCount: 4,
    };
    const { stack } = exposed(Exposure.publicHttp({ healthCheck }));

    const template = Template.fromStack(stack);
    template.hasResourceProperties(GROUP, {
      HealthCheckPath: '/health', Matcher: { HttpCode: '200-299,401' }, HealthCheckIntervalSeconds: 20, HealthCheckTimeoutSeconds: 3,
      HealthyThresholdCount: 2, UnhealthyThresholdCount: 4,
    });
  });

  test('ignores failed health checks during the first minute of a task', () => {
    Template.fromStack(exposed(Exposure.publicHttp()).stack).hasResourceProperties('AWS::ECS::Service', { HealthCheckGracePeriodSeconds: 60 });
  });

  test.each([[5, 4], [6, 5], [7, undefined], [300, undefined]])('checked every %p seconds has a timeout that is shorter', (interval, timeout) => {
    expect(groupOf({ healthCheck: { interval: Duration.seconds(interval) } }).HealthCheckTimeoutSeconds).toBe(timeout);
  });

  test('gives a stopping task 30 seconds, or the time that you give, to finish its requests', () => {
    const delayOf = (deregistrationDelay?: Duration) => groupOf({ deregistrationDelay }).attributes['deregistration_delay.timeout_seconds'];
    expect(delayOf()).toBe('30');
    expect(delayOf(Duration.seconds(0))).toBe('0');
    expect(delayOf(Duration.hours(1))).toBe('3600');
  });

  test('sends traffic to new tasks slowly, if you ask for a slow start', () => {
    expect(groupOf({ slowStart: Duration.seconds(90) }).attributes).toMatchObject({ 'slow_start.duration_seconds': '90' });
    expect(groupOf({}).attributes).not.toHaveProperty(['slow_start.duration_seconds']);
  });

  test('keeps a client on one task with a cookie, if you ask for stickiness', () => {
    expect(groupOf({}).attributes).toMatchObject({ 'stickiness.enabled': 'false' });
    expect(groupOf({ stickiness: Stickiness.loadBalancerCookie(Duration.hours(1)) }).attributes).toMatchObject({
      'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie', 'stickiness.lb_cookie.duration_seconds': '3600',
    });
    expect(groupOf({ stickiness: Stickiness.applicationCookie('session') }).attributes).toMatchObject({
      'stickiness.enabled': 'true', 'stickiness.type': 'app_cookie', 'stickiness.app_cookie.cookie_name': 'session',
      'stickiness.app_cookie.duration_seconds': '86400',
    });
  });

  test('can encrypt the traffic between load balancer and container', () => {
    expect(groupOf({ targetProtocol: ApplicationProtocol.HTTPS })).toMatchObject({ Protocol: 'HTTPS', HealthCheckProtocol: 'HTTPS', Port: 443 });
  });

  test('can serve gRPC over HTTPS, with a method as health check', () => {
    const groupWith = (healthCheck?: object) => {
      const stack = newRegionalStack();
      const options = { protocolVersion: ApplicationProtocolVersion.GRPC, healthCheck };
      exposed(Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack)), options), { stack });
      return propertiesOf(stack, GROUP)[0];
    };
    expect(groupWith()).toMatchObject({ ProtocolVersion: 'GRPC' });
    expect(groupWith()).not.toHaveProperty('HealthCheckPath');
    expect(groupWith({ path: '/grpc.health.v1.Health/Check', healthyGrpcCodes: '0' }))
      .toMatchObject({ HealthCheckPath: '/grpc.health.v1.Health/Check', Matcher: { GrpcCode: '0' } });
  });

  test('drops invalid headers, and has deletion protection only if you ask for it', () => {
    expect(loadBalancerOf({}).attributes).toEqual({ 'deletion_protection.enabled': 'false', 'routing.http.drop_invalid_header_fields.enabled': 'true' });
    expect(loadBalancerOf({ deletionProtection: true }).attributes).toMatchObject({ 'deletion_protection.enabled': 'true' });
  });

  test('has the name, the address type and the idle timeout that you give', () => {
    expect(loadBalancerOf({ loadBalancerName: 'web', ipAddressType: IpAddressType.DUAL_STACK, idleTimeout: Duration.minutes(5) })).toMatchObject({
      Name: 'web', IpAddressType: 'dualstack', attributes: { 'idle_timeout.timeout_seconds': '300' },
    });
  });

  test('writes access logs to a bucket that is encrypted, private and retained, for 90 days or as long as you say', () => {
    const stack = newRegionalStack();
    const { attributes } = loadBalancerOf({ accessLogs: AccessLogs.ownBucket({ expiration: Duration.days(30) }) }, stack);

    expect(attributes).toMatchObject({ 'access_logs.s3.enabled': 'true', 'access_logs.s3.bucket': { Ref: expect.stringMatching('AccessLogs') } });
    const template = Template.fromStack(stack);
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
        LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 30 })] },
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Allow', Action: 's3:PutObject' }),
        ]),
      },
    });
  });

  test('writes access logs to an existing bucket, under a prefix', () => {
    const stack = newRegionalStack();
    const { attributes } = loadBalancerOf({ accessLogs: AccessLogs.toBucket(new Bucket(stack, 'Logs'), { prefix: 'web' }) }, stack);

    expect(attributes).toMatchObject({ 'access_logs.s3.bucket': { Ref: expect.stringMatching('^Logs') }, 'access_logs.s3.prefix': 'web' });
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 1);
  });

  test('can have a web ACL', () => {
    const webAclArn = 'arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/web/0123';
    const { stack } = exposed(Exposure.publicHttp({ webAclArn }));
    Template.fromStack(stack).hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      WebACLArn: webAclArn, ResourceArn: { Ref: Match.stringLikeRegexp('LoadBalancer') },
    });
  });

  test('uses the container port that you choose among several, and never a UDP port', () => {
    const port = (number: number, containerName = 'web', protocol = Protocol.TCP) => ({ containerName, port: number, protocol, portName: `p${number}` });
    const stack = newStack();
    expect(httpPort(stack, [port(80), port(9000)], { containerPort: 9000 })).toMatchObject({ port: 9000 });
    expect(httpPort(stack, [port(80), port(81, 'admin')], { containerPort: 81 })).toMatchObject({ containerName: 'admin' });
    expect(httpPort(stack, [port(80), port(53, 'dns', Protocol.UDP)], {})).toMatchObject({ port: 80 });
    expect(() => httpPort(stack, [port(80), port(9000)], { containerName: 'web' })).toThrow(
      "Stack: 'exposure' must select one of several TCP ports, got [\"web: 80/tcp\",\"web: 9000/tcp\"]. "
      + "Select it: { containerName: 'web', containerPort: 80 }.",
    );
    expect(() => httpPort(stack, [port(80)], { containerPort: 81 }))
      .toThrow("Stack: 'exposure.containerPort' must be a port of the container, got 81. Use one of: 80.");
  });

  test('can use an additional port of its container', () => {
    const web = { image: ContainerImage.fromRegistry('nginx'), port: 80, additionalPorts: [ListeningPort.tcp(9000), ListeningPort.udp(53)] };
    const { stack } = exposed(Exposure.publicHttp({ containerPort: 9000 }), { containers: { web } });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', { LoadBalancers: [Match.objectLike({ ContainerName: 'web', ContainerPort: 9000 })] });
  });

  test('uses the main port of its container, whatever additional ports there are', () => {
    const web = { image: ContainerImage.fromRegistry('nginx'), port: 80, additionalPorts: [ListeningPort.tcp(9000, { name: 'metrics' })] };
    const behind = { LoadBalancers: [Match.objectLike({ ContainerName: 'web', ContainerPort: 80 })] };
    for (const exposure of [Exposure.publicHttp(), Exposure.internalNetwork()]) {
      const { stack } = exposed(exposure, { containers: { web } });
      Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', behind);
    }
  });

  test('can use a port of any container', () => {
    const image = ContainerImage.fromRegistry('nginx');
    const { stack } = exposed(Exposure.publicHttp({ containerPort: 81 }), { containers: { web: { image, port: 80 }, admin: { image, port: 81 } } });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', { LoadBalancers: [Match.objectLike({ ContainerName: 'admin' })] });
  });
});
