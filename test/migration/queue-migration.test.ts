import { Duration, Stack } from 'aws-cdk-lib';
import { Schedule as RuleSchedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { QueueProcessingFargateService, QueueProcessingFargateServiceProps, ScheduledFargateTask as OldTask } from 'aws-cdk-lib/aws-ecs-patterns';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import {
  FargateCapacity, FargateService, FargateServiceProps, Scaling, ScheduledFargateTask, ServiceMigration,
  ServiceMigrationFromQueueProcessingFargateServiceOptions,
} from '../../src';
import { checkMigration } from '../../src/migration-check/check-migration';
import { Severity } from '../../src/migration-check/finding';
import { expectTakeover, FLAGS, NGINX, Shared, templates } from '../helpers/migrations';
import { effectsOf } from '../helpers/replacements';
import { newStack } from '../helpers/stack';

interface QueueCase {
  readonly name: string;
  readonly old: (shared: Shared) => Partial<QueueProcessingFargateServiceProps>;
  readonly now: (shared: Shared, queue: Queue) => Partial<FargateServiceProps>;
  readonly options?: (shared: Shared) => ServiceMigrationFromQueueProcessingFargateServiceOptions;
  /** Whether the pattern uses a queue of the program. */
  readonly existing?: true;
  readonly deleted?: string[];
  readonly created?: string[];
}

const STEPS = [{ upper: 0, change: -1 }, { lower: 100, change: 1 }, { lower: 500, change: 5 }];
const jobs = ({ stack }: Shared) => stack.node.tryFindChild('Jobs') as Queue | undefined ?? new Queue(stack, 'Jobs');
const messages = (queue: IQueue) => queue.metricApproximateNumberOfMessagesVisible();

const CASES: QueueCase[] = [
  {
    name: 'its own queues', old: () => ({ maxScalingCapacity: 4 }),
    now: (_, queue) => ({ scaling: Scaling.between(1, 4).onCpu(50).onMetricSteps(messages(queue), { scalingSteps: STEPS }) }),
  },
  {
    name: 'a queue of the program', existing: true, old: all => ({ queue: jobs(all), maxScalingCapacity: 4 }),
    now: all => ({ scaling: Scaling.between(1, 4).onCpu(50).onMetricSteps(messages(jobs(all)), { scalingSteps: STEPS }) }),
    options: all => ({ existingQueue: jobs(all) }),
  },
  {
    name: 'a name, a family and Fargate Spot',
    old: () => ({ serviceName: 'worker', family: 'worker', maxScalingCapacity: 4, capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] }),
    now: (_, queue) => ({
      serviceName: 'worker', family: 'worker', capacity: FargateCapacity.spot(),
      scaling: Scaling.between(1, 4).onCpu(50).onMetricSteps(messages(queue), { scalingSteps: STEPS, name: 'backlog' }),
    }),
    options: () => ({ otherPolicies: { backlog: 'QueueMessagesVisibleScaling' } }),
  },
  {
    name: 'no scaling on CPU', old: () => ({ disableCpuBasedScaling: true, maxScalingCapacity: 4 }),
    now: (_, queue) => ({ scaling: Scaling.between(1, 4).onMetricSteps(messages(queue), { scalingSteps: STEPS }) }),
  },
  {
    name: 'the messages per task instead of steps', old: () => ({ maxScalingCapacity: 4 }),
    now: (_, queue) => ({ scaling: Scaling.between(1, 4).onCpu(50).onQueueDepth(queue, { messagesPerTask: 100 }) }),
    created: ['AWS::ApplicationAutoScaling::ScalingPolicy'],
    deleted: ['AWS::CloudWatch::Alarm', 'AWS::ApplicationAutoScaling::ScalingPolicy', 'AWS::CloudWatch::Alarm', 'AWS::ApplicationAutoScaling::ScalingPolicy'],
  },
];

const eachCase = CASES.flatMap(each => Object.keys(FLAGS).map((flags, index) => [each.name, flags, ['Service', 'Worker'][index], each] as const));

test.each(eachCase)('a QueueProcessingFargateService with %s, %s: %s replaces only the task definition', (_, flags, id, each) => {
  const programs = templates(FLAGS[flags], all => {
    new QueueProcessingFargateService(all.scope, 'Service', { cluster: all.cluster, image: NGINX, ...each.old(all) });
  }, all => {
    const deadLetterQueue = new Queue(each.existing ? newStack() : all.scope, 'Failed', { retentionPeriod: Duration.days(14) });
    const own = new Queue(each.existing ? newStack() : all.scope, 'Own', { deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 3 } });
    const queue = each.existing ? jobs(all) : own;
    const environment = { QUEUE_NAME: queue.queueName };
    const containers = { QueueProcessingContainer: { image: NGINX, environment } };
    const service = new FargateService(all.scope, id, { cluster: all.cluster, containers, ...each.now(all, own) });
    queue.grantConsumeMessages(service);
    const queues = each.existing ? {} : { queue: own, deadLetterQueue };
    ServiceMigration.fromQueueProcessingFargateService(all.scope, 'Service', { ...queues, ...each.options?.(all) }).applyTo(service);
  });

  expectTakeover(programs, each);
});

describe('queues that cannot be taken over are reported:', () => {
  type Options = ServiceMigrationFromQueueProcessingFargateServiceOptions;
  const withQueues = (options: (all: Shared) => Options) => () => templates({}, () => undefined, all => {
    const service = new FargateService(all.scope, 'Worker', { cluster: all.cluster, containers: { work: { image: NGINX } } });
    ServiceMigration.fromQueueProcessingFargateService(all.scope, 'Service', options(all)).applyTo(service);
  });

  test.each(['queue', 'deadLetterQueue'])('a %s of another stack or of another program', option => {
    const message = `Shop/Worker: '${option}' must be a new queue in the stack of the deployed construct, because a resource cannot move to another stack`;

    expect(withQueues(({ app }) => ({ [option]: new Queue(new Stack(app, 'Other'), 'Jobs') }))).toThrow(message);
    expect(withQueues(({ stack }) => ({ [option]: Queue.fromQueueArn(stack, 'Imported', 'arn:aws:sqs:eu-west-1:111122223333:jobs') as Queue }))).toThrow(message);
  });

  test('an existing queue together with one that is taken over', () => {
    expect(withQueues(all => ({ queue: jobs(all), existingQueue: jobs(all) }))).toThrow("'existingQueue' must be left out together with a queue that is taken over");
  });

  test('a value that is not a queue', () => {
    expect(withQueues(() => ({ queue: {} as Queue }))).toThrow("'queue' must be an SQS queue");
  });

  test('an option with a similar name, because other patterns have no queue', () => {
    expect(() => templates({}, () => undefined, all => {
      const service = new FargateService(all.scope, 'Worker', { cluster: all.cluster, containers: { work: { image: NGINX } } });
      ServiceMigration.fromFargateService(all.scope, 'Service', { cpupolicy: 'Cpu' } as object).applyTo(service);
    })).toThrow("'cpupolicy' must be spelled 'cpuPolicy'");
  });
});

test('a ScheduledFargateTask of aws-ecs-patterns becomes a new schedule: the rule is deleted, and its log group remains', () => {
  const [before, after] = templates({}, all => {
    new OldTask(all.scope, 'Nightly', { cluster: all.cluster, schedule: RuleSchedule.expression('rate(1 day)'), scheduledFargateTaskImageOptions: { image: NGINX } });
  }, all => {
    new ScheduledFargateTask(all.scope, 'Nightly', { cluster: all.cluster, schedule: ScheduleExpression.rate(Duration.days(1)), containers: { work: { image: NGINX } } });
  });
  const { replaced, deleted } = effectsOf(before, after);
  const findings = checkMigration(before, after);

  expect(replaced).toEqual([]);
  expect(deleted.map(id => before.Resources[id].Type)).toEqual(expect.arrayContaining(['AWS::Events::Rule', 'AWS::ECS::TaskDefinition', 'AWS::Logs::LogGroup']));
  expect(findings.filter(({ severity }) => severity !== Severity.CHANGES)).toEqual([]);
  expect(findings).toContainEqual(expect.objectContaining({ what: 'AWS::Logs::LogGroup remains, but no stack manages it any more.' }));
});
