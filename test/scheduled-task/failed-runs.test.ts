import { Duration } from 'aws-cdk-lib';
import { ContainerImage, FirelensLogRouterType } from 'aws-cdk-lib/aws-ecs';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ScheduledFargateTask } from '../../src';
import { matches } from '../helpers/event-pattern';
import { newCluster, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const image = ContainerImage.fromRegistry('report');
const CLUSTER = 'arn:aws:ecs:eu-west-1:111111111111:cluster/c';

function made() {
  const stack = newStack();
  const task = new ScheduledFargateTask(stack, 'Report', {
    cluster: newCluster(stack), schedule: ScheduleExpression.rate(Duration.hours(1)),
    containers: { report: { image }, proxy: { image, essential: false } },
  });
  return { stack, task, topic: new Topic(stack, 'Failures') };
}

/** Whether an ECS event is sent to the target. */
function isTold(detail: object, { stack, task, topic } = made()): boolean {
  task.onFailedRun(new SnsTopic(topic));
  const [{ Properties: { EventPattern } }] = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule'));
  const event = {
    'source': 'aws.ecs', 'detail-type': 'ECS Task State Change',
    'detail': { clusterArn: CLUSTER, group: 'family:StackReportTaskDefinition', lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', ...detail },
  };
  return matches({ ...EventPattern, detail: { ...EventPattern.detail, clusterArn: [CLUSTER], group: [EventPattern.detail.group[0].replace(/[0-9A-F]{8}$/, '')] } }, event);
}

const ended = (report: number, proxy = 0) => ({ containers: [{ name: 'proxy', exitCode: proxy }, { name: 'report', exitCode: report }] });

test.each<[string, object, boolean]>([
  ['that ends well', ended(0), false],
  ['that ends with another exit code', ended(3), true],
  ['whose helper container is stopped after the work', ended(0, 143), false],
  ['that never began to run', { stopCode: 'TaskFailedToStart', containers: [{ name: 'report' }] }, true],
  ['that was stopped by hand', { stopCode: 'UserInitiated', ...ended(0) }, true],
  ['that Spot took away', { stopCode: 'SpotInterruption', ...ended(143) }, true],
  ['that still runs', { lastStatus: 'RUNNING', containers: [{ name: 'report' }], stopCode: undefined }, false],
  ['of another definition', { group: 'family:other', ...ended(3) }, false],
  ['of another cluster', { clusterArn: `${CLUSTER}2`, ...ended(3) }, false],
])('the target is notified of a run %s: %j', (_, detail, told_) => {
  expect(isTold(detail)).toBe(told_);
});

test('a container that is added to the task definition counts too, and a log router does not', () => {
  const scene = made();
  scene.task.taskDefinition.addContainer('more', { image, essential: true });
  scene.task.taskDefinition.addFirelensLogRouter('router', { image, essential: true, firelensConfig: { type: FirelensLogRouterType.FLUENTBIT } });
  expect(isTold({ containers: [{ name: 'more', exitCode: 1 }] }, scene)).toBe(true);
  const other = made();
  other.task.taskDefinition.addFirelensLogRouter('router', { image, essential: true, firelensConfig: { type: FirelensLogRouterType.FLUENTBIT } });
  expect(isTold({ containers: [{ name: 'report', exitCode: 0 }, { name: 'router', exitCode: 1 }] }, other)).toBe(false);
});

test('several targets share one rule', () => {
  const { stack, task, topic } = made();
  const rules = [new SnsTopic(topic), new SnsTopic(new Topic(stack, 'Others'))].map(target => task.onFailedRun(target));
  expect(rules[0]).toBe(rules[1]);
  Template.fromStack(stack).resourceCountIs('AWS::Events::Rule', 1);
});

test.each([undefined, null, 'topic', {}])('an invalid target (%j) is rejected', value => {
  expect(messageOf(() => made().task.onFailedRun(wrong(value)))).toMatch(told('target'));
});
