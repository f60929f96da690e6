import { App, Stack } from 'aws-cdk-lib';
import { DeployedStack } from './deployed';
import { everyHandlerWithEveryPermission } from './everything';
import { python } from './python';
import { powerOf } from '../../src/repository/access/policy-terms';
import { everything } from '../templates/everything';

// The findings of parliament about correct policies, with reasons. A text is a part of the finding.
const ACCEPTED: readonly (readonly [finding: RegExp, why: string])[] = [
  [/UNKNOWN_ACTION: "Unknown action (sts:GetWebIdentityToken|iam:\w+OutboundWebIdentityFederation\w*)"/, 'parliament is older than these actions; botocore has them'],
  [/RESOURCE_STAR: \["ecs:ListTasks"\]/, 'its resource is a container instance, and the call names none; a condition limits it to the cluster'],
  [/RESOURCE_MISMATCH: \[\{"action": "ecr:BatchImportUpstreamImage", "required_format": "\*"\}\]/, 'its resources are repositories: the service authorization reference'],
  [
    /TrafficShiftRole\w+\.PolicyDocument: RESOURCE_MISMATCH: \[\{"action": "elasticloadbalancing:(CreateRule|DeleteRule|DeleteListener)"/,
    'each action has several resource types, one for each kind of load balancer, and a statement names one of them',
  ],
  [/KeyPolicy: MISMATCHED_TYPE: "Type mismatch: ArnLike requires a value of type Arn/, 'as the documentation of CloudWatch Logs writes it'],
  [/KeyPolicy: UNKNOWN_CONDITION_FOR_ACTION: "Unknown condition kms:EncryptionContext:aws:logs:arn for action kms:Describe/, 'as the documentation of CloudWatch Logs writes it'],
  [/BuildHandler\w+RoleDefaultPolicy\w+\.PolicyDocument: RESOURCE_STAR: \["ec2:CreateNetworkInterface"/, 'as the documentation of CodeBuild writes it for builds in a VPC'],
  [/PublicTaskDefinitionTaskRoleDefaultPolicy\w+\.PolicyDocument: RESOURCE_STAR: \["logs:/, 'aws-cdk adds it for ECS Exec'],
];

const documents = new Map<string, unknown>();
beforeAll(() => {
  const { app, stack } = everyHandlerWithEveryPermission();
  const complete = everything();
  const all = complete.node.children.filter(Stack.isStack);
  const stacks: readonly (readonly [App, Stack])[] = [[app, stack], ...all.map(each => [complete, each] as const)];
  for (const [owner, each] of stacks) {
    const deployed = new DeployedStack(owner, each, { DigestHex: 'a'.repeat(64), Tag: 'live-web.1', Before: 'DISABLED' });
    for (const [name, document] of deployed.documents()) documents.set(`${each.node.id} ${name}`, document);
  }
}, 120_000);

test('parliament has no finding for a policy that is not accepted with a reason', async () => {
  expect(documents.size).toBeGreaterThan(30);
  const found = await python<Record<string, string[]>>('lint.py', Object.fromEntries(documents));
  const open = Object.entries(found).flatMap(([name, findings]) => findings.filter(finding => !ACCEPTED.some(([accepted]) => accepted.test(`${name}: ${finding}`))).map(finding => `${name}: ${finding}`));
  expect(open).toEqual([]);
  const all = Object.entries(found).flatMap(([name, findings]) => findings.map(finding => `${name}: ${finding}`));
  expect(ACCEPTED.filter(([accepted]) => !all.some(finding => accepted.test(finding)))).toEqual([]);
}, 120_000);

test('every action of a policy exists', async () => {
  const unknown = await python<Record<string, string[]>>('permissions.py', { what: 'actions', documents: Object.fromEntries(documents) });
  expect(Object.entries(unknown).filter(([, names]) => names.length > 0)).toEqual([]);
});

test('parliament and the list of actions report mistakes', async () => {
  const wrong = { Wrong: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['ecr:ListImageReferrers', 'ecr:BatchGetImage'], Resource: 'arn:aws:s3:::bucket' }] } };
  expect((await python<Record<string, string[]>>('lint.py', wrong)).Wrong.join()).toMatch(/UNKNOWN_ACTION.*ListImageReferrers|RESOURCE_MISMATCH/);
  expect(await python('permissions.py', { what: 'actions', documents: wrong })).toEqual({ Wrong: ['ecr:ListImageReferrers'] });
});

test('the actions that a repository policy accepts are the existing actions for repositories', async () => {
  const names = await python<string[]>('permissions.py', { what: 'repository' });
  // A repository that does not exist has no policy.
  expect(names.filter(name => powerOf(`ecr:${name}`) === undefined)).toEqual(['CreateRepository']);
});
