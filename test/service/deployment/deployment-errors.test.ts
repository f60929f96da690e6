import { Duration, Lazy } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ByServiceConnect, deploy, PlainHttp, ShiftingHttp } from './scene';
import {
  CircuitBreaker, Deployment, DeploymentHook, DeploymentStage, Exposure, FailureCounting, FargateServiceProps, HookTimeoutAction, Scaling,
} from '../../../src';
import { newStack } from '../../helpers/stack';
import { messageOf } from '../../helpers/wrong-input';

const { rolling, blueGreen, linear, canary } = Deployment;
const { POST_TEST_TRAFFIC_SHIFT, PRODUCTION_TRAFFIC_SHIFT, TEST_TRAFFIC_SHIFT, PRE_SCALE_UP, POST_SCALE_UP, RECONCILE_SERVICE } = DeploymentStage;
const shifting = new ShiftingHttp();
const pause = (options: object, stages = [PRE_SCALE_UP]) => DeploymentHook.pause({ stages, ...options });
const named = (name: string) => [Alarm.fromAlarmName(newStack(), 'Alarm', name)];

const queue = Queue.fromQueueArn(newStack(), 'Queue', 'arn:aws:sqs:eu-west-1:111111111111:work');

type Service = Partial<FargateServiceProps>;
type Case = [what: string, props: Service];

const said = (props: Service) => messageOf(() => deploy(props.deployment, props));
const shifted = (deployment: Deployment): Service => ({ deployment, exposure: shifting });

/** Configuration, then parts of the message: property and rule, value, fix. */
const BAD: [...Case, rule: string, got: string, cure: string][] = [
  ['minimum below 0', { deployment: rolling({ minHealthyPercent: -1 }) }, "'deployment.minHealthyPercent' must be a whole number from 0 to 100", '-1', 'minHealthyPercent: 100'],
  ['minimum above 100', { deployment: rolling({ minHealthyPercent: 101 }) }, "'deployment.minHealthyPercent' must be", '101', 'minHealthyPercent: 100'],
  ['broken minimum', { deployment: rolling({ minHealthyPercent: 50.5 }) }, "'deployment.minHealthyPercent' must be", '50.5', 'minHealthyPercent: 100'],
  ['part as minimum', { deployment: rolling({ minHealthyPercent: 0.5 }) }, "'deployment.minHealthyPercent' must be", '0.5', 'minHealthyPercent: 100'],
  ['maximum below 100', { deployment: rolling({ minHealthyPercent: 0, maxHealthyPercent: 99 }) },
    "'deployment.maxHealthyPercent' must be a whole number of at least 100", '99', 'maxHealthyPercent: 200'],
  ['no maximum', { deployment: rolling({ minHealthyPercent: 0, maxHealthyPercent: 0 }) }, "'deployment.maxHealthyPercent' must be", '0', 'maxHealthyPercent: 200'],
  ['broken maximum', { deployment: rolling({ maxHealthyPercent: 150.5 }) }, "'deployment.maxHealthyPercent' must be", '150.5', 'maxHealthyPercent: 200'],
  ['minimum over maximum', { deployment: rolling({ minHealthyPercent: 200, maxHealthyPercent: 100 }) }, "'deployment.minHealthyPercent' must be", '200', 'minHealthyPercent: 100'],
  ['minimum and maximum 100', { deployment: rolling({ maxHealthyPercent: 100 }), desiredCount: 4 },
    "'deployment' must leave room to replace a task", '100 and 100 percent of 4 tasks', 'Use minHealthyPercent: 100 with maxHealthyPercent: 200'],
  ['no room for one of one', { deployment: rolling({ minHealthyPercent: 50, maxHealthyPercent: 150 }) },
    "'deployment' must leave room", '50 and 150 percent of one task', 'Use minHealthyPercent: 100'],
  ['no room for one of two', { deployment: rolling({ minHealthyPercent: 75, maxHealthyPercent: 125 }), desiredCount: 2 },
    "'deployment' must leave room", '75 and 125 percent of 2 tasks', 'Use minHealthyPercent: 100'],
  ['no room for one of three', { deployment: rolling({ maxHealthyPercent: 125 }), desiredCount: 3 },
    "'deployment' must leave room", '100 and 125 percent of 3 tasks', 'Use minHealthyPercent: 100'],
  ['no room after scaling in', { deployment: rolling({ minHealthyPercent: 50, maxHealthyPercent: 100 }), desiredCount: 4, scaling: Scaling.between(1, 8).onCpu(60) },
    "'deployment' must leave room", '50 and 100 percent of one task', 'Use minHealthyPercent: 100'],
  ['no room after scaling in from zero', { deployment: rolling({ maxHealthyPercent: 110 }), desiredCount: 10, scaling: Scaling.between(0, 20).onQueueDepth(queue, { messagesPerTask: 10 }) },
    "'deployment' must leave room", '100 and 110 percent of one task', 'Use minHealthyPercent: 100'],
  ['fewer than scaling allows', { desiredCount: 1, scaling: Scaling.between(2, 10).onCpu(60) }, "'desiredCount' must be within the limits of 'scaling', 2 to 10", '1', 'Leave it out'],
  ['more than scaling allows', { desiredCount: 11, scaling: Scaling.between(2, 10).onCpu(60) }, "'desiredCount' must be within", '11', 'Leave it out'],
  ['negative count', { desiredCount: -1 }, "'desiredCount' must be a whole number of at least 0", '-1', 'Use the number of tasks'],
  ['no failure allowed', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterFailures(0) }) },
    "'deployment.circuitBreaker' must be a whole number of at least 1", '0', 'CircuitBreaker.afterFailures(5)'],
  ['half a failure', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterFailures(1.5) }) }, "'deployment.circuitBreaker' must be", '1.5', 'afterFailures(5)'],
  ['0 percent of failures', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterPercent(0) }) },
    "'deployment.circuitBreaker' must be a whole number of at least 1", '0', 'e.g. 50'],
  ['half a percent without bounds', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterUnboundedPercent(0.5) }) },
    "'deployment.circuitBreaker' must be", '0.5', 'e.g. 50'],
  ['negative grace period', { deployment: rolling({ healthCheckGracePeriod: Duration.millis(500) }), exposure: shifting },
    "'deployment.healthCheckGracePeriod' must be a whole number from 0 to 2147483647", '0.5', 'Duration.seconds(120)'],
  ['endless grace period', { deployment: rolling({ healthCheckGracePeriod: Duration.days(30_000) }), exposure: shifting },
    "'deployment.healthCheckGracePeriod' must be", '2592000000', 'Duration.seconds(120)'],
  ['grace period without a check', { deployment: rolling({ healthCheckGracePeriod: Duration.minutes(1) }) },
    "'deployment.healthCheckGracePeriod' must be left out if the tasks have no health check", 'no health check', 'Use an exposure with a load balancer'],
  ['grace period of a worker in blue/green', { deployment: blueGreen({ healthCheckGracePeriod: Duration.minutes(1) }) },
    "'deployment.healthCheckGracePeriod' must be left out", 'no health check', 'add a healthCheck to a container'],
  ['bake time over a day', shifted(blueGreen({ bakeTime: Duration.minutes(1441) })), "'deployment.bakeTime' must be a whole number from 0 to 1440", '1441', 'at most 24 hours'],
  ['bake time in seconds', shifted(blueGreen({ bakeTime: Duration.seconds(90) })), "'deployment.bakeTime' must be", '1.5', 'whole minutes'],
  ['step bake time over a day', shifted(linear({ stepBakeTime: Duration.days(2) })), "'deployment.stepBakeTime' must be", '2880', 'at most 24 hours'],
  ['canary bake time over a day', shifted(canary({ canaryBakeTime: Duration.hours(25) })), "'deployment.canaryBakeTime' must be", '1500', 'at most 24 hours'],
  ['too small a step', shifted(linear({ stepPercent: 2.9 })), "'deployment.stepPercent' must be a number from 3 to 100", '2.9', 'e.g. 10'],
  ['too large a step', shifted(linear({ stepPercent: 100.1 })), "'deployment.stepPercent' must be", '100.1', 'e.g. 10'],
  ['two decimal places', shifted(linear({ stepPercent: 3.14 })), "'deployment.stepPercent' must have at most one decimal place", '3.14', '10 or 2.5'],
  ['a step that is not a number', shifted(linear({ stepPercent: NaN })), "'deployment.stepPercent' must be", 'NaN', 'e.g. 10'],
  ['no canary', shifted(canary({ canaryPercent: 0 })), "'deployment.canaryPercent' must be a number from 0.1 to 100", '0', 'e.g. 10'],
  ['a canary of everybody and more', shifted(canary({ canaryPercent: 101 })), "'deployment.canaryPercent' must be", '101', 'e.g. 10'],
  ['a canary of 0.05', shifted(canary({ canaryPercent: 0.05 })), "'deployment.canaryPercent' must be", '0.05', 'e.g. 10'],
  ['steps of a week', shifted(linear({ stepPercent: 3, stepBakeTime: Duration.hours(5) })),
    "'deployment.stepBakeTime' must be at most 33 hours for all steps and 'bakeTime' together", '9915 minutes', 'larger steps'],
  ['a canary of more than 33 hours', shifted(canary({ canaryBakeTime: Duration.hours(24), bakeTime: Duration.minutes(541) })),
    "'deployment.canaryBakeTime' must be at most 33 hours for all steps", '1981 minutes', 'Use shorter waiting times'],
  ['steps that do not divide 100', shifted(linear({ stepPercent: 11, stepBakeTime: Duration.minutes(220), bakeTime: Duration.minutes(1) })),
    "'deployment.stepBakeTime' must be at most 33 hours for all steps", '1981 minutes', 'Use shorter waiting times'],
  ['bake time of a rolling deployment', { deployment: rolling({ bakeTime: Duration.hours(25) }) }, "'deployment.bakeTime' must be", '1500', 'at most 24 hours'],
  ['test port 0', shifted(blueGreen({ testPort: 0 })), "'deployment.testPort' must be a whole number from 1 to 65535", '0', 'e.g. 8080'],
  ['test port 65536', shifted(canary({ testPort: 65536 })), "'deployment.testPort' must be", '65536', 'e.g. 8080'],
  ['test port of a worker', { deployment: blueGreen({ testPort: 8080 }) }, "'deployment.testPort' must be left out", '8080', 'Exposure.publicHttp()'],
  ['test port with Service Connect', { deployment: canary({ testPort: 8080 }), exposure: new ByServiceConnect() }, "'deployment.testPort' must be left out", '8080', 'load balancer'],
  ['a test port without a listener', { deployment: canary({ testPort: 8080 }), exposure: new ShiftingHttp('never') },
    "'deployment.testPort' must be left out", '8080', 'Give the ecs.AlternateTarget a testListener'],
  ['canary of a worker', { deployment: canary() }, "'exposure' must have a load balancer or Service Connect, so that Deployment.canary can shift", 'neither', 'Deployment.blueGreen()'],
  ['linear without clients', { deployment: linear(), exposure: Exposure.none() }, 'so that Deployment.linear can shift a part', 'neither', 'Exposure.publicHttp()'],
  ['blue/green with one target group', { deployment: blueGreen(), exposure: new PlainHttp() },
    "'exposure' must have a second target group for Deployment.blueGreen", 'one target group', 'ecs.AlternateTarget'],
  ['canary with one target group', { deployment: canary(), exposure: new PlainHttp() }, "'exposure' must have a second target group", 'one target group', 'Deployment.rolling()'],
  ['pause while tests are moved', shifted(blueGreen({ hooks: [pause({}, [TEST_TRAFFIC_SHIFT])] })),
    "'deployment.hooks[0].stages[0]' must be a stage at which ECS can call this hook", 'TEST_TRAFFIC_SHIFT', 'Use one such as DeploymentStage.POST_PRODUCTION_TRAFFIC_SHIFT'],
  ['pause while clients are moved', shifted(canary({ hooks: [pause({}), pause({}, [PRODUCTION_TRAFFIC_SHIFT])] })),
    "'deployment.hooks[1].stages[0]' must be", 'PRODUCTION_TRAFFIC_SHIFT', 'Use one such as'],
  ['traffic stage in a rolling deployment', { deployment: rolling({ hooks: [pause({}, [POST_TEST_TRAFFIC_SHIFT])] }) },
    'RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP', 'POST_TEST_TRAFFIC_SHIFT', 'Use one such as DeploymentStage.POST_SCALE_UP'],
  ['hook at no stage', { deployment: rolling({ hooks: [pause({}, [])] }) }, "'deployment.hooks[0].stages' must have at least 1 item", '[]', 'DeploymentStage.PRE_SCALE_UP'],
  ['hook twice at a stage', { deployment: rolling({ hooks: [pause({}, [PRE_SCALE_UP, PRE_SCALE_UP])] }) },
    'must list each stage once', 'PRE_SCALE_UP', 'Remove the duplicate'],
  ['no time to decide', { deployment: rolling({ hooks: [pause({ timeout: Duration.minutes(0) })] }) },
    "'deployment.hooks[0].timeout' must be a whole number from 1 to 2160", '0', '36 hours'],
  ['more time than CloudFormation has', { deployment: rolling({ hooks: [pause({ timeout: Duration.days(14) })] }) }, "'deployment.hooks[0].timeout' must be", '20160', '36 hours'],
  ['seconds to decide', { deployment: rolling({ hooks: [pause({ timeout: Duration.seconds(30) })] }) }, "'deployment.hooks[0].timeout' must be", '0.5', '36 hours'],
  ['no alarms', { deployment: rolling({ alarms: [] }) }, "'deployment.alarms' must have at least 1 item", '[]', 'or leave it out'],
  ['alarm without a name', { deployment: rolling({ alarms: named('') }) }, "'deployment.alarms[0].alarmName' must have 1 to 255 characters", '""', 'Import the alarm'],
  ['alarm with a long name', { deployment: rolling({ alarms: named('a'.repeat(256)) }) }, "'deployment.alarms[0].alarmName' must have", 'aaa', 'Import the alarm'],
  ['an empty list of values for redeployments', { deployment: rolling({ redeployOn: [] }) }, "'deployment.redeployOn' must have at least 1 item", '[]', 'or leave it out'],
  ['empty text to redeploy on', { deployment: rolling({ redeployOn: ['v1', ''] }) }, "'deployment.redeployOn[1]' must be a string that is not empty", '""', 'Use a value that changes'],
];

const GOOD: Case[] = [
  ['no minimum', { deployment: rolling({ minHealthyPercent: 0 }) }],
  ['no minimum and no more than needed', { deployment: rolling({ minHealthyPercent: 0, maxHealthyPercent: 100 }) }],
  ['room to stop one of two', { deployment: rolling({ minHealthyPercent: 50, maxHealthyPercent: 100 }), desiredCount: 2 }],
  ['room to start one of two', { deployment: rolling({ maxHealthyPercent: 150 }), desiredCount: 2 }],
  ['room to start one of four', { deployment: rolling({ maxHealthyPercent: 125 }), desiredCount: 4 }],
  ['four times as many', { deployment: rolling({ maxHealthyPercent: 400 }) }],
  ['no task, no room', { deployment: rolling({ maxHealthyPercent: 100 }), desiredCount: 0 }],
  ['room whatever scaling does', { deployment: rolling({ minHealthyPercent: 50, maxHealthyPercent: 100 }), desiredCount: 2, scaling: Scaling.between(2, 100).onCpu(60) }],
  ['the fewest that scaling allows', { desiredCount: 2, scaling: Scaling.between(2, 10).onCpu(60) }],
  ['the most that scaling allows', { desiredCount: 10, scaling: Scaling.between(2, 10).onCpu(60) }],
  ['no count with scaling', { scaling: Scaling.between(2, 10).onCpu(60) }],
  ['one failure', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterFailures(1) }) }],
  ['a thousand failures', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterFailures(1000) }) }],
  ['one percent of failures', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterPercent(1, { counting: FailureCounting.CUMULATIVE }) }) }],
  ['all of them', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterUnboundedPercent(100) }) }],
  ['each of them twice', { deployment: rolling({ circuitBreaker: CircuitBreaker.afterPercent(200) }) }],
  ['no grace', { deployment: rolling({ healthCheckGracePeriod: Duration.seconds(0) }), exposure: shifting }],
  ['the longest grace', { deployment: rolling({ healthCheckGracePeriod: Duration.seconds(2_147_483_647) }), exposure: shifting }],
  ['grace for a container that is checked', {
    deployment: rolling({ healthCheckGracePeriod: Duration.seconds(90) }),
    containers: { web: { image: ContainerImage.fromRegistry('nginx'), healthCheck: { command: ['CMD', 'true'] } } },
  }],
  ['no bake time', shifted(blueGreen({ bakeTime: Duration.minutes(0) }))],
  ['a day of bake time', shifted(blueGreen({ bakeTime: Duration.days(1) }))],
  ['bake time in seconds that make minutes', shifted(blueGreen({ bakeTime: Duration.seconds(120) }))],
  ['the smallest step', shifted(linear({ stepPercent: 3 }))],
  ['one step', shifted(linear({ stepPercent: 100, stepBakeTime: Duration.days(1), bakeTime: Duration.days(1) }))],
  ['a step with a decimal place', shifted(linear({ stepPercent: 12.3 }))],
  ['the smallest canary', shifted(canary({ canaryPercent: 0.1 }))],
  ['a canary of 0.3', shifted(canary({ canaryPercent: 0.3 }))],
  ['33 hours of canary', shifted(canary({ canaryBakeTime: Duration.hours(24), bakeTime: Duration.hours(9) }))],
  ['33 hours of steps', shifted(linear({ stepPercent: 25, stepBakeTime: Duration.hours(8), bakeTime: Duration.hours(9) }))],
  ['bake time of a rolling deployment', { deployment: rolling({ bakeTime: Duration.minutes(10) }) }],
  ['a test port', shifted(blueGreen({ testPort: 65535 }))],
  ['blue/green of a worker', { deployment: blueGreen() }],
  ['rolling with one target group', { deployment: rolling(), exposure: new PlainHttp() }],
  ['canary by Service Connect', { deployment: canary(), exposure: new ByServiceConnect() }],
  ['pause after tests are moved', shifted(blueGreen({ hooks: [pause({ onTimeout: HookTimeoutAction.CONTINUE }, [POST_TEST_TRAFFIC_SHIFT])] }))],
  ['all stages of a rolling deployment', { deployment: rolling({ hooks: [pause({}, [RECONCILE_SERVICE, PRE_SCALE_UP, POST_SCALE_UP])] }) }],
  ['one minute to decide', { deployment: rolling({ hooks: [pause({ timeout: Duration.minutes(1) })] }) }],
  ['no hooks', { deployment: rolling({ hooks: [] }) }],
  ['an alarm with the longest name', { deployment: rolling({ alarms: named('a'.repeat(255)) }) }],
  ['a text to redeploy on', { deployment: rolling({ redeployOn: ['v1'] }) }],
];

describe('a deployment that AWS would reject or could not carry out fails at synthesis, with path, property, rule, value and fix:', () => {
  test.each(BAD)('%s', (_, props, rule, got, cure) => {
    const message = said(props);
    expect(message).toMatch(/^Stack\/Service(\/Deployment)?: '[^']+' must /);
    [rule, `got ${got.startsWith('[') || got.startsWith('"') ? got : ''}`, got, cure].forEach(part => expect(message).toContain(part));
  });

  test.each(GOOD)('accepted: %s', (_, props) => {
    expect(said(props)).toBe('accepted');
  });

  test('at least 40 bad configurations and 25 good neighbours are tried', () => {
    expect(BAD.length).toBeGreaterThanOrEqual(40);
    expect(GOOD.length).toBeGreaterThanOrEqual(25);
  });
});

test('a token for a duration must be in the unit of AWS, because it cannot be converted', () => {
  const bakeTime = Duration.seconds(Lazy.number({ produce: () => 60 }));
  expect(said(shifted(blueGreen({ bakeTime })))).toContain(
    "'deployment.bakeTime' must be given in minutes, because its value is only known at deployment, got \"seconds\". Use Duration.minutes(…).",
  );
});
