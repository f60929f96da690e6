import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { ImageRepository, ScheduledFargateTask } from 'cdk-container-delivery';

// The context has the time of the report.
const app = new App();
const stack = new Stack(app, 'Scheduled');
const vpc = new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });

const report = new ScheduledFargateTask(stack, 'Report', {
  cluster: new Cluster(stack, 'Cluster', { vpc }),
  vpcSubnets: { subnetType: SubnetType.PUBLIC },
  containers: {
    report: { image: new ImageRepository(stack, 'Repository').buildAndPushImage(app.node.getContext('app')), command: ['echo', 'all is well'] },
  },
  schedule: ScheduleExpression.at(new Date(app.node.getContext('at'))),
});
new CfnOutput(stack, 'LogGroup', { value: report.logGroup.logGroupName });
