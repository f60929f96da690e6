import { Stack } from 'aws-cdk-lib';
import { DeployedStack, Json } from './deployed';
import { eventRuler, match } from './event-ruler/ruler';
import { matches } from '../helpers/event-pattern';
import { everything } from '../templates/everything';

type Pattern = Readonly<Record<string, Json>>;

/** An event from the AWS documentation, changed for a pattern, and whether the pattern matches it. */
interface Sample { readonly title: string; readonly event: object; readonly isMatch: boolean }

const COMMON = { version: '0', id: '9bcdac79-b31f-4d3d-9410-fbd727c29fab', account: '111122223333', time: '2019-10-29T02:36:48Z', region: 'eu-west-1' };

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
const scan = (repository: string, counts: object, status = 'COMPLETE') => ({
  ...COMMON, 'detail-type': 'ECR Image Scan', 'source': 'aws.ecr', 'resources': [`arn:aws:ecr:eu-west-1:111122223333:repository/${repository}`],
  'detail': { 'scan-status': status, 'repository-name': repository, 'finding-severity-counts': counts, 'image-digest': 'sha256:7f5b', 'image-tags': [] },
});
// https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
const finding = (repositoryName: string, severity: string, status = 'ACTIVE') => ({
  ...COMMON, 'detail-type': 'Inspector2 Finding', 'source': 'aws.inspector2', 'resources': [`arn:aws:ecr:eu-west-1:111122223333:repository/${repositoryName}/sha256:36c7`],
  'detail': {
    awsAccountId: '111122223333', severity, status, title: 'CVE-2019-17498 - libssh2', type: 'PACKAGE_VULNERABILITY', fixAvailable: 'YES', inspectorScore: 8.1,
    packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2019-17498', vulnerablePackages: [{ name: 'libssh2', version: '1.4.3', epoch: 0 }] },
    resources: [{ type: 'AWS_ECR_CONTAINER_IMAGE', id: 'arn', partition: 'aws', details: { awsEcrContainerImage: { architecture: 'amd64', imageHash: 'sha256:36c7', registry: '1', repositoryName } } }],
  },
});
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
const task = (clusterArn: string, group: string, more: object, containers: readonly object[]) => ({
  ...COMMON, 'detail-type': 'ECS Task State Change', 'source': 'aws.ecs', 'resources': [`${clusterArn.replace(':cluster/', ':task/')}/c13b4cb40f1f4fe4a2971f76ae5a47ad`],
  'detail': {
    attachments: [{ id: 'eni', type: 'eni', status: 'ATTACHED', details: [{ name: 'subnetId', value: 'subnet-abcd1234' }] }], availabilityZone: 'eu-west-1c', clusterArn, containers,
    cpu: '256', desiredStatus: 'STOPPED', group, launchType: 'FARGATE', lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', startedBy: 'scheduler', version: 5, ...more,
  },
});
const ended = (...codes: readonly (readonly [name: string, exitCode?: number])[]) => codes.map(([name, exitCode]) => ({ containerArn: 'arn', name, lastStatus: 'STOPPED', taskArn: 'arn', ...exitCode !== undefined && { exitCode } }));
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
const deployment = (service: string, eventName: string) => ({
  ...COMMON, 'detail-type': 'ECS Deployment State Change', 'source': 'aws.ecs', 'resources': [service],
  'detail': { eventType: eventName === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO', eventName, deploymentId: 'ecs-svc/123', updatedAt: '2020-05-23T11:11:11Z', reason: 'tasks failed to start.' },
});

/** The samples for a kind of pattern, by its first detail type. */
const SAMPLES: Readonly<Record<string, (pattern: Pattern) => Sample[]>> = {
  'ECR Image Scan': ({ detail }) => {
    const repository = detail.$or[0]['repository-name'][0];
    return [
      { title: 'a worse finding', event: scan(repository, { CRITICAL: 10, MEDIUM: 9 }), isMatch: true },
      { title: 'a lesser finding', event: scan(repository, { MEDIUM: 9, UNDEFINED: 1 }), isMatch: false },
      { title: 'a count of zero', event: scan(repository, { HIGH: 0 }), isMatch: false },
      { title: 'a failed scan', event: scan(repository, { HIGH: 1 }, 'FAILED'), isMatch: false },
      { title: 'another repository', event: scan(`${repository}-2`, { HIGH: 1 }), isMatch: false },
      { title: 'a finding of Inspector', event: finding(repository, 'HIGH'), isMatch: true },
      { title: 'a lesser finding of Inspector', event: finding(repository, 'LOW'), isMatch: false },
      { title: 'a closed finding', event: finding(repository, 'HIGH', 'CLOSED'), isMatch: false },
      { title: 'a finding in another repository', event: finding(`${repository}-2`, 'HIGH'), isMatch: false },
    ];
  },
  'ECS Task State Change': ({ detail: { clusterArn: [cluster], group: [group] } }) => [
    { title: 'exit code 0', event: task(cluster, group, {}, ended(['work', 0])), isMatch: false },
    { title: 'exit code 3', event: task(cluster, group, {}, ended(['proxy', 0], ['work', 3])), isMatch: true },
    { title: 'a helper that was stopped', event: task(cluster, group, {}, ended(['proxy', 143], ['work', 0])), isMatch: false },
    { title: 'a task that did not start', event: task(cluster, group, { stopCode: 'TaskFailedToStart' }, ended(['work'])), isMatch: true },
    { title: 'Spot', event: task(cluster, group, { stopCode: 'SpotInterruption' }, ended(['work', 0])), isMatch: true },
    { title: 'a running task', event: task(cluster, group, { lastStatus: 'RUNNING', stopCode: undefined }, ended(['work'])), isMatch: false },
    { title: 'another family', event: task(cluster, `${group}2`, {}, ended(['work', 3])), isMatch: false },
    { title: 'another cluster', event: task(`${cluster}2`, group, {}, ended(['work', 3])), isMatch: false },
  ],
  'ECS Deployment State Change': ({ resources: [service] }) => [
    { title: 'a failed deployment', event: deployment(service, 'SERVICE_DEPLOYMENT_FAILED'), isMatch: true },
    { title: 'a completed deployment', event: deployment(service, 'SERVICE_DEPLOYMENT_COMPLETED'), isMatch: false },
    { title: 'another service', event: deployment(`${service}2`, 'SERVICE_DEPLOYMENT_FAILED'), isMatch: false },
  ],
};

let classPath: string;
let patterns: ReadonlyMap<string, Pattern>;
beforeAll(async () => {
  classPath = await eventRuler();
  const app = everything();
  const stacks = app.node.children.filter(Stack.isStack).map(stack => new DeployedStack(app, stack, {}));
  const rules = stacks.flatMap(stack => stack.resolved('AWS::Events::Rule'));
  patterns = new Map(rules.filter(([, { EventPattern }]) => EventPattern !== undefined).map(([id, { EventPattern }]) => [id, EventPattern]));
}, 300_000);

test('every kind of event pattern of this library has samples', () => {
  expect([...new Set([...patterns.values()].map(pattern => pattern['detail-type'][0]))].sort()).toEqual(Object.keys(SAMPLES).sort());
});

test('each pattern matches the expected events, by the rules of EventBridge and of the matcher in the unit tests', async () => {
  const cases = [...patterns].flatMap(([id, pattern]) => SAMPLES[pattern['detail-type'][0]](pattern).map(sample => ({ id, pattern, ...sample })));
  const answers = await match(classPath, cases.map(({ pattern, event }) => [pattern, event]));

  const titleOf = ({ id, title }: typeof cases[number]) => `${id}: ${title}`;
  const wanted = cases.filter(({ isMatch }) => isMatch).map(titleOf);
  expect(cases.filter((_, position) => answers[position]).map(titleOf)).toEqual(wanted);
  expect(cases.filter(({ pattern, event }) => matches(pattern, JSON.parse(JSON.stringify(event)))).map(titleOf)).toEqual(wanted);
  expect(cases.length).toBeGreaterThanOrEqual(20);
});

test('the event ruler distinguishes a match from a mismatch', async () => {
  expect(await match(classPath, [[{ source: ['aws.ecs'] }, { source: 'aws.ecs' }], [{ source: ['aws.ecs'] }, { source: 'aws.ecr' }]])).toEqual([true, false]);
});
