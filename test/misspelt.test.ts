import { Duration, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Deployment, Exposure, FargateService, ImageRepository, OneOffFargateTask, ScheduledFargateTask } from '../src';
import { Match, newCluster, newStack } from './helpers/stack';
import { messageOf, wrong } from './helpers/wrong-input';

// Without type checks, in JavaScript or with type stripping, nothing else reports a misspelled option.
const image = ContainerImage.fromRegistry('nginx');
const containers = { web: { image, port: 80 } };
const serve = (props: object) => (stack = newStack()) => {
  new FargateService(stack, 'Service', wrong({ cluster: newCluster(stack), containers, ...props }));
  return stack;
};
const expose = (exposure: (options: never) => Exposure, options: object) => serve({ exposure: exposure(wrong(options)) });

test.each<[string, () => unknown, string, string]>([
  ['a service', serve({ desiredcount: 2 }), 'desiredcount', 'desiredCount'],
  ['a container', serve({ containers: { web: { image, memoryLimitMib: 2048 } } }), 'containers.web.memoryLimitMib', 'memoryLimitMiB'],
  ['HTTP', expose(Exposure.publicHttp, { opento: [] }), 'exposure.opento', 'openTo'],
  ['a health check', expose(Exposure.publicHttp, { healthCheck: { Path: '/' } }), 'exposure.healthCheck.Path', 'path'],
  ['a network load balancer', expose(Exposure.publicNetwork, { elasticIPs: [] }), 'exposure.elasticIPs', 'elasticIps'],
  ['Service Connect', expose(Exposure.serviceConnect, { dnsname: 'web' }), 'exposure.dnsname', 'dnsName'],
  ['a deployment', serve({ deployment: Deployment.rolling(wrong({ minhealthyPercent: 50 })) }), 'deployment.minhealthyPercent', 'minHealthyPercent'],
  ['a repository', () => new ImageRepository(newStack(), 'Repository', wrong({ lifecyclerules: [] })), 'lifecyclerules', 'lifecycleRules'],
  ['a one-off task', (stack = newStack()) => new OneOffFargateTask(stack, 'Run', wrong({ cluster: newCluster(stack), containers, timeOut: Duration.minutes(5) })), 'timeOut', 'timeout'],
  ['a scheduled task', (stack = newStack()) => new ScheduledFargateTask(stack, 'Task', wrong({
    cluster: newCluster(stack), containers, schedule: ScheduleExpression.rate(Duration.hours(1)), retryattempts: 3,
  })), 'retryattempts', 'retryAttempts'],
])('wrong capital letters in the options of %s are reported at synthesis, with the right name', (_, make, property, meant) => {
  expect(messageOf(make)).toContain(`'${property}' must be spelled '${meant}', got "${property.split('.').pop()}". Write ${meant}.`);
});

test.each<[string, () => Stack, string, string]>([
  ['a letter too much', serve({ exposures: Exposure.none() }), 'exposures', 'exposure'],
  ['a letter too few', serve({ containers: { web: { image, enviroment: {} } } }), 'containers.web.enviroment', 'environment'],
  ['another letter', expose(Exposure.publicHttp, { openTi: [] }), 'exposure.openTi', 'openTo'],
  ['two that changed places', serve({ containers: { web: { image, commnad: [] } } }), 'containers.web.commnad', 'command'],
])('%s causes a warning, because the option could belong to other code', (_, make, property, meant) => {
  Annotations.fromStack(make()).hasWarning('*', Match.stringLikeRegexp(`'${property}' is not a property. Did you mean '${meant}'\\?`));
});

test.each<[string, object]>([
  ['left undefined', { desiredcount: undefined }], ['next to the right one', { exposures: 1, exposure: Exposure.none() }],
  ['of another word', { somethingElse: {} }], ['of an own class', { team: 'shop', _note: '' }],
])('an option is not reported if it is %s', (_, props) => {
  Annotations.fromStack(serve(props)()).hasNoWarning('*', Match.stringLikeRegexp('is not a property'));
});

test.each<[string, object, string, string]>([
  ['a circuit breaker', { circuitBreaker: { rollback: true } }, 'circuitBreaker', 'Write deployment: Deployment.rolling({ circuitBreaker: … })'],
  ['minHealthyPercent', { minHealthyPercent: 50 }, 'minHealthyPercent', 'Write deployment: Deployment.rolling({ minHealthyPercent: 100 })'],
  ['a Cloud Map service', { cloudMapOptions: {} }, 'cloudMapOptions', 'Write exposure: Exposure.cloudMap('],
  ['a task definition', { taskDefinition: {} }, 'taskDefinition', 'Write containers: { web: { image, port: 80 } }'],
  ['a placement on Fargate', { placement: {} }, 'placement', 'Use Ec2Service.'],
  ['port mappings', { containers: { web: { image, portMappings: [] } } }, 'containers.web.portMappings', 'Write port: 80'],
  ['a privileged container', { containers: { web: { image, privileged: true } } }, 'containers.web.privileged', 'Leave it out'],
])('%s, as in aws-cdk, is reported with its replacement', (_, props, property, replacement) => {
  const message = messageOf(serve(props));
  expect(message).toContain(`'${property}' must be a property that exists here`);
  expect(message).toContain(replacement);
});
