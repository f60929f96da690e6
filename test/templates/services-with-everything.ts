import * as path from 'path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, Code, DockerImageFunction, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  AccessLogs, CircuitBreaker, Deployment, DeploymentHook, DeploymentStage, Exposure, FargateCapacity, FargateService, FargateServiceProps,
  ImageRepository, ImageSource, OneOffFargateTask, ScanGate, ScheduledFargateTask, Severity,
} from '../../src';

/** Services, tasks and functions with all settings that create a role, a policy or a principal. */
export function servicesWithEverything(stack: Stack): void {
  const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }), enableFargateCapacityProviders: true });
  cluster.addDefaultCloudMapNamespace({ name: 'internal', useForServiceConnect: true });
  const repository = new ImageRepository(stack, 'Services');
  const image = repository.publish('web', ImageSource.registry('quay.io/team/web:1', { credentials: new Secret(stack, 'Quay') }), { scanGate: ScanGate.failOn(Severity.HIGH) });
  repository.onFinding('Findings', { severity: Severity.HIGH, target: new SnsTopic(new Topic(stack, 'Found')) });
  const containers = { web: { image, port: 80 } };
  const hook = new Function(stack, 'Hook', {
    runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('exports.handler = async () => ({ hookStatus: "SUCCEEDED" });'),
  });
  const hooks = [DeploymentHook.lambda(hook, { stages: [DeploymentStage.POST_TEST_TRAFFIC_SHIFT] })];
  const alarms = [new Alarm(stack, 'Errors', { metric: new Metric({ namespace: 'Shop', metricName: 'Errors' }), threshold: 1, evaluationPeriods: 1 })];
  const services: Readonly<Record<string, Partial<FargateServiceProps>>> = {
    Public: {
      logEncryptionKey: new Key(stack, 'Logs'), exposure: Exposure.publicHttp({ accessLogs: AccessLogs.toBucket(new Bucket(stack, 'Access')) }),
      deployment: Deployment.rolling({ circuitBreaker: CircuitBreaker.afterFailures(5), alarms }), enableExecuteCommand: true,
    },
    BlueGreen: { exposure: Exposure.publicHttp(), deployment: Deployment.blueGreen({ testPort: 8080, hooks }) },
    Network: { exposure: Exposure.publicNetwork(), deployment: Deployment.canary({ canaryPercent: 5, canaryBakeTime: Duration.minutes(10) }) },
    Mesh: { exposure: Exposure.serviceConnect({ dnsName: 'mesh' }), desiredCount: 2 },
  };
  const made = Object.entries(services).map(([name, props]) => new FargateService(stack, name, { cluster, containers, ...props }));
  made[0].addAlarms(new SnsAction(new Topic(stack, 'Alarmed')));
  const task = { work: { image, command: ['true'] } };
  new OneOffFargateTask(stack, 'Once', { cluster, containers: task });
  new ScheduledFargateTask(stack, 'Scheduled', {
    cluster, containers: task, schedule: ScheduleExpression.rate(Duration.hours(1)), capacity: FargateCapacity.spot(),
    deadLetterQueue: new Queue(stack, 'NotStarted'),
  }).onFailedRun(new SnsTopic(new Topic(stack, 'Failures')));
  const built = repository.buildAndPushImage(path.join(__dirname, '..', 'fixtures', 'app'));
  new DockerImageFunction(stack, 'Lambda', { code: built.toLambdaCode(), architecture: Architecture.X86_64 });
}
