import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { IConstruct } from 'constructs';
import { reject } from '../../private/validation';

const NAME = 'log-router';

/**
 * The container that FireLens needs beside the others. The L2 would add one by itself, with a log group that is never emptied.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
 */
export function addLogRouter(scope: IConstruct, container: ecs.ContainerDefinition, logGroup: ILogGroup, names: string[]): void {
  const { taskDefinition, logDriverConfig, containerName } = container;
  if (logDriverConfig?.logDriver !== 'awsfirelens') return;
  if (names.includes(NAME)) {
    reject(scope, {
      property: `containers.${NAME}`, must: 'have another name, because the logs of another container go through one of that name', got: containerName,
      cure: 'Choose another name for the container.',
    });
  }
  if (taskDefinition.findContainer(NAME) !== undefined) return;
  taskDefinition.addFirelensLogRouter(NAME, {
    image: ecs.obtainDefaultFluentBitECRImage(taskDefinition, logDriverConfig),
    firelensConfig: { type: ecs.FirelensLogRouterType.FLUENTBIT },
    logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: NAME }),
    memoryReservationMiB: 50,
  });
}
