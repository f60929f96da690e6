import { App, Stack } from 'aws-cdk-lib';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import { AccessLogs, Exposure, HttpExposureOptions, HttpRedirect, ServerIdentity } from '../../../../src';
import { exposed, zoneIn } from '../../../helpers/http-exposure';

type Pack = [string, new (scope: App) => NagPack];
const PACKS: Pack[] = [
  ['AwsSolutions', AwsSolutionsChecks], ['NIST 800-53 rev 5', NIST80053R5Checks], ['HIPAA', HIPAASecurityChecks], ['PCI DSS 3.2.1', PCIDSS321Checks],
  ['Serverless', ServerlessChecks],
];

/** Controls for load balancers, security groups and IAM that an exposure violates, and where. The function is like the others of this library. */
function findings(Checks: Pack[1], make: (identity: ServerIdentity) => Exposure): string[] {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  exposed(make(ServerIdentity.domain('app.example.com', zoneIn(stack))), { stack, shift: {} });
  return new Checks(app).validateScope(app).violations.flatMap(({ ruleName, violatingResources = [] }) => violatingResources
    .map(({ constructPath = '' }) => constructPath).filter(path => path.startsWith('Stack/Service/Exposure/') && !path.includes('/AccessLogs/') && !path.includes('/TrafficShift/'))
    .map(path => `${ruleName.replace(/^[^-]*-/, '')} ${path.replace(/^Stack\/Service\/Exposure\/(Internal\/)?|\/Resource$/g, '')}`)).sort();
}

const STRICT: HttpExposureOptions = {
  openTo: [Peer.ipv4('203.0.113.0/24')], accessLogs: AccessLogs.ownBucket(), deletionProtection: true,
  webAclArn: 'arn:aws:wafv2:eu-west-1:111111111111:regional/webacl/web/0123',
};
const MANAGED = 'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers] TrafficShiftRole';

test.each(PACKS)('%s finds nothing in a load balancer with HTTPS, access logs, deletion protection and a web ACL', (pack, Checks) => {
  // The managed policy of AWS for traffic shifting. AWS extended it several times; with a copy of it, the next extension would break deployments.
  expect(findings(Checks, identity => Exposure.internalHttps(identity, STRICT))).toEqual(pack === 'AwsSolutions' ? [MANAGED] : []);
});

test('the only finding of a redirect is that its HTTP listener has no certificate', () => {
  const make = (identity: ServerIdentity) => Exposure.publicHttps(identity, { ...STRICT, redirect: HttpRedirect.fromPort(80) });
  expect(findings(NIST80053R5Checks, make)).toEqual(['ELBv2ACMCertificateRequired LoadBalancer/Port80']);
  expect(findings(AwsSolutionsChecks, make)).toEqual([MANAGED]);
});

test('the findings of a public service are public access and the options that were not chosen', () => {
  expect(findings(AwsSolutionsChecks, () => Exposure.publicHttp())).toEqual(['EC23 LoadBalancer/SecurityGroup', 'ELB2 LoadBalancer', MANAGED]);
});
