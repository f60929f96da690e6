import { Duration } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Exposure, FargateService, ImageRepository, RunOnce, ScheduledFargateTask } from '../src';
import { Match, newCluster, newStack, Template } from './helpers/stack';
import { messageOf, wrong } from './helpers/wrong-input';

// Where types are not checked, from JavaScript or where TypeScript is only run, nobody else tells of a slip.
const image = ContainerImage.fromRegistry('nginx');
const containers = { web: { image, port: 80 } };
const serve = (props: object) => (stack = newStack()) => {
  new FargateService(stack, 'Service', wrong({ cluster: newCluster(stack), containers, ...props }));
  return stack;
};
const expose = (exposure: (options: never) => Exposure, options: object) => serve({ exposure: exposure(wrong(options)) });

test.each<[string, () => unknown, string, string]>([
  ['a service', serve({ desiredcount: 2 }), 'desiredcount', 'desiredCount'],
  ['a service, with a letter too much', serve({ exposures: Exposure.none() }), 'exposures', 'exposure'],
  ['a container', serve({ containers: { web: { image, memoryLimitMib: 2048 } } }), 'containers.web.memoryLimitMib', 'memoryLimitMiB'],
  ['a container, with a letter too few', serve({ containers: { web: { image, enviroment: {} } } }), 'containers.web.enviroment', 'environment'],
  ['a container, with two that changed places', serve({ containers: { web: { image, commnad: [] } } }), 'containers.web.commnad', 'command'],
  ['HTTP', expose(Exposure.publicHttp, { opento: [] }), 'exposure.opento', 'openTo'],
  ['a health check', expose(Exposure.publicHttp, { healthCheck: { pathh: '/' } }), 'exposure.healthCheck.pathh', 'path'],
  ['a network load balancer', expose(Exposure.publicNetwork, { elasticIPs: [] }), 'exposure.elasticIPs', 'elasticIps'],
  ['a repository', () => new ImageRepository(newStack(), 'Repository', wrong({ lifeCycle: [] })), 'lifeCycle', 'lifecycle'],
  ['a one-off task', (stack = newStack()) => new RunOnce(stack, 'Run', wrong({ cluster: newCluster(stack), containers, timeOut: Duration.minutes(5) })), 'timeOut', 'timeout'],
  ['a scheduled task', (stack = newStack()) => new ScheduledFargateTask(stack, 'Task', wrong({
    cluster: newCluster(stack), containers, schedule: ScheduleExpression.rate(Duration.hours(1)), retryAttempt: 3,
  })), 'retryAttempt', 'retryAttempts'],
])('a slip in the options of %s is told at synthesis, with what was meant', (_, make, property, meant) => {
  expect(messageOf(make)).toContain(`'${property}' must be spelled '${meant}', got "${property.split('.').pop()}". Write ${meant}.`);
});

test.each([['circuitBreaker', {}], ['cpu', 512], ['lifecycleRules', []]])('what is no option (%s) is warned of, because it may be meant for somebody else', (name, value) => {
  const stack = serve({ [name]: value })();
  Annotations.fromStack(stack).hasWarning('/Stack/Service', Match.stringLikeRegexp(`'${name}' is no property here, and does nothing`));
});

test('what is left undefined is no option either, and nothing to tell', () => {
  const stack = serve({ circuitBreaker: undefined })();
  Template.fromStack(stack);
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('is no property here'));
});
