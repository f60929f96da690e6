import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { IpAddressType, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import { ELB_USE_POST_QUANTUM_TLS_POLICY } from 'aws-cdk-lib/cx-api';
import { Exposure, HttpRedirect, ServerIdentity } from '../../../../src';
import { certificateIn, clusterOf, exposed, newRegionalStack, propertiesOf, zoneIn } from '../../../helpers/http-exposure';
import { flatten, Match, Template } from '../../../helpers/stack';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RECORD = 'AWS::Route53::RecordSet';

function domain(stack = newRegionalStack(), options = {}) {
  return { stack, identity: ServerIdentity.domain('app.example.com', zoneIn(stack), options) };
}

describe('a service exposed over HTTPS', () => {
  test('with a domain name in a hosted zone has a new certificate, a DNS record, and this name as its endpoint', () => {
    const { stack, identity } = domain();
    const { service } = exposed(Exposure.publicHttps(identity), { stack });

    expect(service.endpoint).toBe('https://app.example.com');
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'app.example.com', ValidationMethod: 'DNS', DomainValidationOptions: [{ DomainName: 'app.example.com', HostedZoneId: 'Z1' }],
    });
    template.hasResourceProperties(RECORD, {
      Name: 'app.example.com.', Type: 'A', HostedZoneId: 'Z1', AliasTarget: { DNSName: Match.anyValue(), HostedZoneId: Match.anyValue() },
    });
    template.resourceCountIs(RECORD, 1);
    template.hasResourceProperties(LISTENER, {
      Port: 443, Protocol: 'HTTPS', Certificates: [{ CertificateArn: { Ref: Match.stringLikeRegexp('Certificate') } }],
    });
  });

  test('accepts TLS 1.2 and 1.3 only, unless you choose another policy', () => {
    const policyOf = (sslPolicy?: SslPolicy, stack = newRegionalStack()) => {
      exposed(Exposure.internalHttps(ServerIdentity.certificate(certificateIn(stack)), { sslPolicy }), { stack });
      return propertiesOf(stack, LISTENER).map(({ SslPolicy: policy }) => policy);
    };
    expect(policyOf()).toEqual(['ELBSecurityPolicy-TLS13-1-2-2021-06']);
    expect(policyOf(SslPolicy.TLS13_13)).toEqual(['ELBSecurityPolicy-TLS13-1-3-2021-06']);

    const modern = newRegionalStack();
    modern.node.setContext(ELB_USE_POST_QUANTUM_TLS_POLICY, true);
    expect(policyOf(undefined, modern)).toEqual(['ELBSecurityPolicy-TLS13-1-2-PQ-2025-09']);
  });

  test('redirects HTTP to HTTPS if it is public, after the HTTPS listener exists', () => {
    const { stack, identity } = domain();
    exposed(Exposure.publicHttps(identity), { stack });

    Template.fromStack(stack).hasResource(LISTENER, {
      Properties: { Port: 80, Protocol: 'HTTP', DefaultActions: [{ Type: 'redirect', RedirectConfig: { Port: '443', Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }] },
      DependsOn: [Match.stringLikeRegexp('LoadBalancerPort443')],
    });
  });

  test('serves HTTP without a redirect only if you ask for it', () => {
    const portsOf = (make: (identity: ServerIdentity) => Exposure) => {
      const { stack, identity } = domain();
      exposed(make(identity), { stack });
      return propertiesOf(stack, LISTENER).map(({ Port, Protocol }) => `${Protocol} ${Port}`).sort();
    };
    expect(portsOf(identity => Exposure.publicHttps(identity))).toEqual(['HTTP 80', 'HTTPS 443']);
    expect(portsOf(identity => Exposure.publicHttps(identity, { redirect: HttpRedirect.none() }))).toEqual(['HTTPS 443']);
    expect(portsOf(identity => Exposure.internalHttps(identity))).toEqual(['HTTPS 443']);
    expect(portsOf(identity => Exposure.internalHttps(identity, { redirect: HttpRedirect.fromPort(8080), port: 8443 })))
      .toEqual(['HTTP 8080', 'HTTPS 8443']);
  });

  test('is open on both ports to the same clients', () => {
    const { stack, identity } = domain();
    exposed(Exposure.publicHttps(identity, { openTo: [Peer.ipv4('203.0.113.0/24')] }), { stack });

    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [80, 443].map(port => Match.objectLike({ CidrIp: '203.0.113.0/24', FromPort: port, ToPort: port })).reverse(),
    });
  });

  test('has an IPv6 record too if its load balancer is dual-stack', () => {
    const { stack, identity } = domain();
    exposed(Exposure.publicHttps(identity, { ipAddressType: IpAddressType.DUAL_STACK }), { stack });

    expect(propertiesOf(stack, RECORD).map(({ Type }) => Type).sort()).toEqual(['A', 'AAAA']);
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { IpAddressType: 'dualstack' });
  });

  test('has a record for each of its domain names', () => {
    const { stack, identity } = domain(newRegionalStack(), { alternativeNames: ['www.example.com', '*.app.example.com'] });
    exposed(Exposure.publicHttps(identity), { stack });

    expect(propertiesOf(stack, RECORD).map(({ Name }) => Name).sort()).toEqual(['*.app.example.com.', 'app.example.com.', 'www.example.com.']);
    Template.fromStack(stack).hasResourceProperties('AWS::CertificateManager::Certificate', {
      SubjectAlternativeNames: ['*.app.example.com', 'www.example.com'],
    });
  });

  test('uses an existing certificate, with a record in the hosted zone', () => {
    const stack = newRegionalStack();
    const { service } = exposed(Exposure.publicHttps(
      ServerIdentity.domain('app.example.com', zoneIn(stack), { certificate: certificateIn(stack) }), { port: 8443 },
    ), { stack });

    expect(service.endpoint).toBe('https://app.example.com:8443');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    template.resourceCountIs(RECORD, 1);
  });

  test('uses a certificate without a hosted zone, and its endpoint is the domain name whose record you keep', () => {
    const endpointOf = (domainName?: string) => {
      const stack = newRegionalStack();
      const { service } = exposed(Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack), { domainName })), { stack });
      Template.fromStack(stack).resourceCountIs(RECORD, 0);
      return flatten(stack.resolve(service.endpoint));
    };
    expect(endpointOf('app.example.com')).toBe('https://app.example.com');
    expect(endpointOf()).toMatch(/^https:\/\/\$\{ServiceExposureLoadBalancer\w+\.DNSName\}$/);
  });

  test('in a private hosted zone needs a certificate that is validated elsewhere', () => {
    const stack = newRegionalStack();
    const hostedZone = new PrivateHostedZone(stack, 'Private', { zoneName: 'example.com', vpc: clusterOf(stack).vpc });
    const certificate = new Certificate(stack, 'Certificate', { domainName: 'app.example.com' });
    exposed(Exposure.internalHttps(ServerIdentity.domain('app.example.com', hostedZone, { certificate })), { stack });

    Template.fromStack(stack).hasResourceProperties(RECORD, { HostedZoneId: { Ref: Match.stringLikeRegexp('^Private') } });
  });

  test('can have additional certificates for more names', () => {
    const stack = newRegionalStack();
    const additionalCertificates = [certificateIn(stack, 'eu-west-1', 'second'), certificateIn(stack, 'eu-west-1', 'third')];
    exposed(Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack)), { additionalCertificates }), { stack });

    expect(propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::ListenerCertificate').flatMap(({ Certificates }) => Certificates))
      .toEqual(additionalCertificates.map(({ certificateArn }) => ({ CertificateArn: certificateArn })));
  });

  test('keeps the target group when it changes from HTTP to HTTPS', () => {
    const idOf = (make: (identity: ServerIdentity) => Exposure) => {
      const { stack, identity } = domain();
      exposed(make(identity), { stack });
      return Object.keys(Template.fromStack(stack).findResources('AWS::ElasticLoadBalancingV2::TargetGroup'));
    };
    expect(idOf(identity => Exposure.publicHttps(identity))).toEqual(idOf(() => Exposure.publicHttp()));
  });
});
