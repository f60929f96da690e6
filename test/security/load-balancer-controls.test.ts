import { App } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { AccessLogs, Exposure, FargateService, HttpRedirect, HttpsExposureOptions, ServerIdentity } from '../../src';
import { compliance } from '../helpers/nag';
import { Match, newCluster, newStack, Template } from '../helpers/stack';

/** A public service with HTTPS. */
function https(options: HttpsExposureOptions = {}, stack = newStack({ env: { account: '111111111111', region: 'eu-central-1' } })): Template {
  const certificate = Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-central-1:111111111111:certificate/one');
  new FargateService(stack, 'Service', {
    cluster: newCluster(stack), containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } },
    exposure: Exposure.publicHttps(ServerIdentity.certificate(certificate, { domainName: 'app.example.com' }), options),
  });
  return Template.fromStack(stack);
}

/** An attribute of the only load balancer. */
function attribute(template: Template, name: string): string | undefined {
  const [{ Properties }] = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::LoadBalancer'));
  return Properties.LoadBalancerAttributes.find(({ Key }: { Key: string }) => Key === name)?.Value;
}

// https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html
describe('a service behind HTTPS with default settings passes', () => {
  test('Security Hub ELB.1: HTTP is only redirected to HTTPS', () => {
    const template = https();

    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 80, Protocol: 'HTTP', DefaultActions: [Match.objectLike({ Type: 'redirect', RedirectConfig: Match.objectLike({ Protocol: 'HTTPS' }) })],
    });
    expect(Object.values(template.findResources('AWS::ElasticLoadBalancingV2::Listener'))
      .filter(({ Properties }) => Properties.Protocol === 'HTTP')).toHaveLength(1);
  });

  test('Security Hub ELB.18: its listener has a certificate', () => {
    https().hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS', Certificates: [{ CertificateArn: Match.anyValue() }] });
  });

  test('Security Hub ELB.17: it accepts TLS 1.2 or 1.3, with a policy that AWS recommends', () => {
    https().hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS', SslPolicy: Match.stringLikeRegexp('^ELBSecurityPolicy-TLS13-1-2-') });
  });

  test('Security Hub ELB.4: its load balancer drops invalid headers', () => {
    expect(attribute(https(), 'routing.http.drop_invalid_header_fields.enabled')).toBe('true');
  });
});

describe('a service behind HTTPS passes with the right options', () => {
  test('Security Hub ELB.5: access logs are written to a private bucket', () => {
    const template = https({ accessLogs: AccessLogs.ownBucket() });

    expect(attribute(template, 'access_logs.s3.enabled')).toBe('true');
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    });
  });

  test('Security Hub ELB.6: the load balancer has deletion protection', () => {
    expect(attribute(https({ deletionProtection: true }), 'deletion_protection.enabled')).toBe('true');
  });

  test('Security Hub ELB.16: it has a web ACL', () => {
    const webAclArn = 'arn:aws:wafv2:eu-central-1:111111111111:regional/webacl/web/12345678-1234-1234-1234-123456789012';

    https({ webAclArn }).hasResourceProperties('AWS::WAFv2::WebACLAssociation', { WebACLArn: webAclArn });
  });

  // cdk-nag requires a certificate also for the listener that redirects, where it would have no effect.
  test('all NIST, HIPAA and PCI rules for its load balancer, if there is no HTTP listener', () => {
    const stack = newStack({ env: { account: '111111111111', region: 'eu-central-1' } });
    const webAclArn = 'arn:aws:wafv2:eu-central-1:111111111111:regional/webacl/web/12345678-1234-1234-1234-123456789012';
    https({ accessLogs: AccessLogs.ownBucket(), deletionProtection: true, webAclArn, redirect: HttpRedirect.none() }, stack);

    expect(compliance(stack.node.root as App).filter(({ rule }) => /^(ELB|ALB)/.test(rule))).toEqual([]);
  });
});
