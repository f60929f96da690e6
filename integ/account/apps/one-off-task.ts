import { ExpectedResult } from '@aws-cdk/integ-tests-alpha';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { OneOffFargateTask } from 'cdk-container-delivery';
import { Scene, SceneProps } from '../scene';

/** A task that runs to its end during the deployment, before the service. The context controls its command. */
export function oneOffTask(props: SceneProps): Scene {
  const scene = new Scene('OneOffTask', props);
  const image = scene.image(scene.repository());
  const task = new OneOffFargateTask(scene.stack, 'Task', {
    cluster: scene.cluster,
    vpcSubnets: { subnetType: SubnetType.PUBLIC },
    containers: { work: { image, command: ['sh', '-c', scene.context('command', 'echo the tables are there')] } },
  });
  const service = scene.service({ containers: { web: { image, port: 8080 } } });
  task.executeBefore(service);
  const logs = scene.call('CloudWatchLogs', 'filterLogEvents', {
    logGroupName: task.logGroup.logGroupName, filterPattern: '"the tables are there"',
  });
  logs.assertAtPath('events.0.message', ExpectedResult.stringLikeRegexp('the tables are there'));
  scene.wait(logs);
  scene.expectRunning(service.ecsService, image);
  return scene;
}
