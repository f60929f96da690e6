import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { InstanceType, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { OneOffEc2Task, FargateCapacity, FargateService, OneOffFargateTask, ScheduledEc2Task, ScheduledFargateTask } from 'cdk-container-delivery';

// Tasks without a service. Synthesized, not deployed.
const app = new App();
const stack = new Stack(app, 'Tasks');
const vpc = new Vpc(stack, 'Vpc', {
  maxAzs: 2, natGateways: 0,
  subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }, { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
});
const cluster = new Cluster(stack, 'Cluster', { vpc, enableFargateCapacityProviders: true });
cluster.addCapacity('Instances', { instanceType: new InstanceType('t3.small') });
const containers = { work: { image: ContainerImage.fromRegistry('busybox'), command: ['true'] } };
const schedule = ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN });

new OneOffFargateTask(stack, 'Once', { cluster, containers }).executeBefore(new FargateService(stack, 'Service', { cluster, containers }));
new OneOffEc2Task(stack, 'OnceOnInstances', { cluster, containers, timeout: Duration.minutes(5) });
const scheduled = new ScheduledFargateTask(stack, 'Scheduled', { cluster, containers, schedule, capacity: FargateCapacity.spot() });
scheduled.onFailedRun(new SnsTopic(new Topic(stack, 'Failures')));
new ScheduledEc2Task(stack, 'ScheduledOnInstances', { cluster, containers, schedule });
new IntegTest(app, 'Integ', { testCases: [stack] });
