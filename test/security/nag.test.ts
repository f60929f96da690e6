import { App, Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Exposure, FargateServiceProps } from '../../src';
import { acknowledgementsOf, acknowledges, exampleApp, examples } from '../helpers/examples';
import { awsSolutions, compliance, isOurs, lineOf } from '../helpers/nag';
import { newStack } from '../helpers/stack';
import { scene } from '../service/monitoring/services';

// The acknowledgements are those of the examples, and not of our constructs: cdk-nag cannot tell two statements of one role apart, so whoever
// acknowledged our ecr:GetAuthorizationToken in the library would hide whatever a user allows the same role on `*`. The test below reads them.
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

  // Of NIST 800-53, HIPAA, PCI DSS and Serverless, what is about ECS, ECR, IAM and load balancers.
  test('has no finding of AwsSolutions, and none of the other packs about what this library makes, that is not acknowledged', () => {
    expect(findings.filter(finding => !acknowledgements.some(each => acknowledges(each, finding))).map(lineOf)).toEqual([]);
  });

  test('acknowledges nothing that is not found', () => {
    expect(acknowledgements.filter(each => !findings.some(finding => acknowledges(each, finding))).map(lineOf)).toEqual([]);
  });

  test('acknowledges nothing twice, and says why each time', () => {
    const lines = acknowledgements.map(lineOf);
    expect(lines).toEqual([...new Set(lines)]);
    for (const { reason } of acknowledgements) {
      expect(reason).toMatch(/^.{30,}\.$/);
    }
  });

  test('has a statement on every resource only for what has no resource, except what CDK writes for instances of ECS', () => {
    const policies = app.node.findAll()
      .flatMap(construct => construct instanceof CfnPolicy && !construct.node.path.includes('/InstanceRole/') ? [construct] : []);
    const statements: Statement[] = policies.flatMap(policy => Stack.of(policy).resolve(policy.policyDocument).Statement);
    const actions = statements.filter(({ Resource }) => [Resource].flat().includes('*')).flatMap(({ Action }) => Action);

    expect(actions.filter(action => !NO_RESOURCE.includes(action))).toEqual([]);
  });
});

describe('a service', () => {
  /** What is found in the service, and not in the network and the cluster around it. */
  const rulesOf = (props: Partial<FargateServiceProps>, stack = newStack()) => {
    const { service, action } = scene(props, { stack });
    service.addAlarms(action);
    service.addDashboard();
    const app = stack.node.root as App;
    return [...awsSolutions(app), ...compliance(app)]
      .filter(({ path }) => path.startsWith('Stack/Service/')).map(({ rule }) => rule);
  };

  // CDK writes grants into a policy of the role; and the rule that counts failed deployments delivers nothing that could be lost.
  const ALWAYS = ['EventBusDLQ', 'IAMNoInlinePolicy'];

  test('with alarms and a dashboard leaves little to find where nobody connects to it, and it chooses no key for its logs', () => {
    expect(rulesOf({}).sort()).toEqual(['CloudWatchLogGroupEncrypted', ...ALWAYS]);
  });

  test('leaves less to find with a key for its logs', () => {
    const stack = newStack();

    expect(rulesOf({ logEncryptionKey: new Key(stack, 'Key', { enableKeyRotation: true }) }, stack).sort()).toEqual(ALWAYS);
  });

  test('that everybody connects to is found for what its exposure says: plain HTTP, for everybody', () => {
    expect([...new Set(rulesOf({ exposure: Exposure.publicHttp() }))].sort()).toEqual([
      'ALBHttpToHttpsRedirection', 'ALBWAFEnabled', 'AwsSolutions-EC23', 'AwsSolutions-ELB2', 'CloudWatchLogGroupEncrypted',
      'ELBDeletionProtectionEnabled', 'ELBLoggingEnabled', 'ELBv2ACMCertificateRequired', ...ALWAYS,
    ]);
  });
});
