import { App, Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Exposure, FargateServiceProps } from '../../src';
import { acknowledgementsOf, acknowledges, exampleApp, examples } from '../helpers/examples';
import { awsSolutions, compliance, isOurs, lineOf } from '../helpers/nag';
import { newStack } from '../helpers/stack';
import { scene } from '../service/monitoring/services';

// The acknowledgements are in the examples, not in our constructs: cdk-nag cannot distinguish two statements of one role. An acknowledgement
// of our ecr:GetAuthorizationToken in the library would hide other permissions on `*` that a user gives the role. The test below reads them.
const NO_RESOURCE = [
  'ecr:GetAuthorizationToken', 'ecs:ListTasks', 'inspector2:ListCoverage', 'inspector2:ListFindings',
  'elasticloadbalancing:DescribeRules', 'elasticloadbalancing:DescribeTags', 'elasticloadbalancing:DescribeTargetHealth',
  // Conditions limit the audience, the lifetime and the algorithm.
  'sts:GetWebIdentityToken',
  // A setting of the account.
  'iam:EnableOutboundWebIdentityFederation', 'iam:GetOutboundWebIdentityFederationInfo',
  'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
];

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

test('there are examples', () => {
  expect(examples).toContain('hello');
});

describe.each(examples)('examples/%s', name => {
  const app = exampleApp(name);
  const acknowledgements = acknowledgementsOf(name);
  const findings = [...awsSolutions(app), ...compliance(app).filter(isOurs)];

  // The rules of NIST 800-53, HIPAA, PCI DSS and Serverless about ECS, ECR, IAM and load balancers.
  test('has no AwsSolutions finding, and no finding of the other packs about this library, that is not acknowledged', () => {
    expect(findings.filter(finding => !acknowledgements.some(each => acknowledges(each, finding))).map(lineOf)).toEqual([]);
  });

  test('acknowledges only existing findings', () => {
    expect(acknowledgements.filter(each => !findings.some(finding => acknowledges(each, finding))).map(lineOf)).toEqual([]);
  });

  test('acknowledges nothing twice, and has a reason each time', () => {
    const lines = acknowledgements.map(lineOf);
    expect(lines).toEqual([...new Set(lines)]);
    for (const { reason } of acknowledgements) {
      expect(reason).toMatch(/^.{30,}\.$/);
    }
  });

  test('has a statement on all resources only for actions without a resource, except for those that CDK writes for instances of ECS', () => {
    const policies = app.node.findAll()
      .flatMap(construct => construct instanceof CfnPolicy && !construct.node.path.includes('/InstanceRole/') ? [construct] : []);
    const statements: Statement[] = policies.flatMap(policy => Stack.of(policy).resolve(policy.policyDocument).Statement);
    const actions = statements.filter(({ Resource }) => [Resource].flat().includes('*')).flatMap(({ Action }) => Action);

    expect(actions.filter(action => !NO_RESOURCE.includes(action))).toEqual([]);
  });
});

describe('a service', () => {
  /** The findings in the service, without the network and the cluster around it. */
  const rulesOf = (props: Partial<FargateServiceProps>, stack = newStack()) => {
    const { service, action } = scene(props, { stack });
    service.addAlarms(action);
    service.addDashboard();
    const app = stack.node.root as App;
    return [...awsSolutions(app), ...compliance(app)]
      .filter(({ path }) => path.startsWith('Stack/Service/')).map(({ rule }) => rule);
  };

  // CDK writes grants into a policy of the role, and the rule that counts failed deployments has no target.
  const ALWAYS = ['EventBusDLQ', 'IAMNoInlinePolicy'];

  test('with alarms and a dashboard has few findings without an exposure and without a key for its logs', () => {
    expect(rulesOf({}).sort()).toEqual(['CloudWatchLogGroupEncrypted', ...ALWAYS]);
  });

  test('has fewer findings with a key for its logs', () => {
    const stack = newStack();

    expect(rulesOf({ logEncryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }) }, stack).sort()).toEqual(ALWAYS);
  });

  test('with a public exposure has findings for it: plain HTTP, open to everybody', () => {
    expect([...new Set(rulesOf({ exposure: Exposure.publicHttp() }))].sort()).toEqual([
      'ALBHttpToHttpsRedirection', 'ALBWAFEnabled', 'AwsSolutions-EC23', 'AwsSolutions-ELB2', 'CloudWatchLogGroupEncrypted',
      'ELBDeletionProtectionEnabled', 'ELBLoggingEnabled', 'ELBv2ACMCertificateRequired', ...ALWAYS,
    ]);
  });
});
