import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { FargateService, ImageRepository, OneOffFargateTask } from 'cdk-container-delivery';

// The context controls the result of the migration. The service changes with it.
const app = new App();
const stack = new Stack(app, 'Migration');
const migration: string = app.node.getContext('migration');
const vpc = new Vpc(stack, 'Vpc', { natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage(app.node.getContext('app'));
const common = { cluster: new Cluster(stack, 'Cluster', { vpc }), vpcSubnets: { subnetType: SubnetType.PUBLIC } };

const migrate = new OneOffFargateTask(stack, 'Migrate', { ...common, containers: { migrate: { image, command: ['sh', '-c', migration] } } });
migrate.executeBefore(new FargateService(stack, 'Service', { ...common, containers: { web: { image, port: 8080, environment: { MIGRATION: migration } } } }));
new CfnOutput(stack, 'LogGroup', { value: migrate.logGroup.logGroupName });
