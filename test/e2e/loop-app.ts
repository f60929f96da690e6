import * as fs from 'fs';
import * as path from 'path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { DirectPushSynthesizer, FargateService, ImageRepository, ImageRoute } from '../../src';

// A program with one stack that a user edits: its build context and an environment variable are in a folder. Before it moves to direct push, its
// images are still copied.
const route = process.env.LOOP_ROUTE;
export const app = new App(route === 'copy' ? {} : { defaultStackSynthesizer: new DirectPushSynthesizer({ separateRepositories: true }) });
const folder: string = app.node.getContext('folder');
const greeting = fs.readFileSync(path.join(folder, 'greeting.txt'), 'utf8').trim();

const stack = new Stack(app, 'Loop');
const repository = new ImageRepository(stack, 'Repository', { repositoryName: app.node.tryGetContext('repositoryName') });
const image = repository.buildAndPushImage(path.join(folder, 'app'), { route: route === 'moving' ? ImageRoute.COPY : undefined });
const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] });
new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }),
  vpcSubnets: { subnetType: SubnetType.PUBLIC },
  desiredCount: 1,
  containers: { web: { image, port: 8080, environment: { GREETING: greeting }, stopTimeout: Duration.seconds(2) } },
});
new CfnOutput(stack, 'Route', { value: image.route });
new CfnOutput(stack, 'RepositoryUri', { value: repository.repositoryUri });
if (app.node.tryGetContext('imageOutput') === 'true') new CfnOutput(stack, 'Image', { value: image.imageUri });
