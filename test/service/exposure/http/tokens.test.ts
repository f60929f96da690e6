import { CfnParameter, Duration, Lazy } from 'aws-cdk-lib';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { AccessLogs, Exposure, HttpRedirect, HttpRoute, ServerIdentity, Stickiness } from '../../../../src';
import { attributesOf, clusterOf, exposed, newRegionalStack, propertiesOf, sharedListener } from '../../../helpers/http-exposure';
import { Match, Template } from '../../../helpers/stack';

const number = (value = 512) => Lazy.number({ produce: () => value });
const seconds = (value: number) => Duration.seconds(number(value));

describe('tokens are passed to AWS unchanged:', () => {
  test('numbers, times and texts of a service with a new load balancer', () => {
    const stack = newRegionalStack();
    const text = (id: string) => new CfnParameter(stack, id).valueAsString;
    const identity = ServerIdentity.domain(text('Name'), HostedZone.fromHostedZoneAttributes(stack, 'Zone', { zoneName: text('ZoneName'), hostedZoneId: text('ZoneId') }), {
      alternativeNames: [text('Other')],
    });
    exposed(Exposure.publicHttps(identity, {
      port: number(8443), redirect: HttpRedirect.fromPort(number(8080)), idleTimeout: seconds(120), loadBalancerName: text('LbName'),
      webAclArn: text('Acl'), deregistrationDelay: seconds(5), slowStart: seconds(40), stickiness: Stickiness.applicationCookie(text('Cookie'), seconds(60)),
      accessLogs: AccessLogs.ownBucket({ expiration: Duration.days(number(30)) }),
      healthCheck: {
        path: text('Path'), healthyHttpCodes: text('Codes'), interval: seconds(20), timeout: seconds(10),
        healthyThresholdCount: number(3), unhealthyThresholdCount: number(4),
      },
    }), { stack, shift: { testPort: number(9443) } });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: { Ref: 'Path' }, Matcher: { HttpCode: { Ref: 'Codes' } }, HealthCheckIntervalSeconds: 20, HealthCheckTimeoutSeconds: 10,
      HealthyThresholdCount: 3, UnhealthyThresholdCount: 4,
    });
    expect(attributesOf(propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::TargetGroup')[0].TargetGroupAttributes)).toEqual({
      'deregistration_delay.timeout_seconds': '5', 'slow_start.duration_seconds': '40', 'stickiness.enabled': 'true', 'stickiness.type': 'app_cookie',
      'stickiness.app_cookie.cookie_name': { Ref: 'Cookie' }, 'stickiness.app_cookie.duration_seconds': '60',
    });
    expect(attributesOf(propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::LoadBalancer')[0].LoadBalancerAttributes))
      .toMatchObject({ 'idle_timeout.timeout_seconds': '120' });
    expect(propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::Listener').map(({ Port }) => Port).sort()).toEqual([8080, 8443, 9443]);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { DefaultActions: [{ RedirectConfig: Match.objectLike({ Port: '8443' }) }] });
    template.hasResourceProperties('AWS::Route53::RecordSet', { Name: { 'Fn::Join': ['', [{ Ref: 'Name' }, '.']] } });
    template.resourceCountIs('AWS::Route53::RecordSet', 2);
  });

  test('routes and priorities of a shared listener, and a route has the same priority at every synthesis', () => {
    const synthesized = () => {
      const stack = newRegionalStack();
      const host = new CfnParameter(stack, 'Host').valueAsString;
      const route = HttpRoute.host(host).andPath(new CfnParameter(stack, 'Path').valueAsString).andHeader('X-Version', new CfnParameter(stack, 'Version').valueAsString);
      const { service } = exposed(Exposure.onListener(sharedListener(stack), route), { stack });
      expect(stack.resolve(service.endpoint)).toEqual({ 'Fn::Join': ['', ['http://', { Ref: 'Host' }, { Ref: 'Path' }]] });
      const [{ Priority, Conditions }] = propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::ListenerRule');
      expect(Conditions[0]).toEqual({ Field: 'host-header', HostHeaderConfig: { Values: [{ Ref: 'Host' }] } });
      return Priority;
    };
    expect(synthesized()).toBe(synthesized());

    const stack = newRegionalStack();
    exposed(Exposure.onListener(sharedListener(stack), HttpRoute.path('/a'), { priority: number(77) }), { stack });
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', { Priority: 77 });
  });

  test('a port on an existing load balancer', () => {
    const stack = newRegionalStack();
    const loadBalancer = new ApplicationLoadBalancer(stack, 'Shared', { vpc: clusterOf(stack).vpc });
    exposed(Exposure.onLoadBalancer(loadBalancer, { port: number(8081) }), { stack });
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 8081 });
  });
});
