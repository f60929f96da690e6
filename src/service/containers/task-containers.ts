import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { checkContainers } from './container-checks';
import { ContainerOptions, Containers } from './container-options';
import { reject } from '../../private/validation';
import { ContainerPort } from '../exposure/exposure-config';
import { Launch } from '../launch/launch';

/** The containers of one task, and the task definition that they are in. */
export class TaskContainers {
  public readonly taskDefinition: ecs.TaskDefinition;

  /** The containers must have been checked. */
  constructor(
    private readonly scope: Construct, private readonly launch: Launch, private containers: Containers, private readonly logGroup: ILogGroup,
  ) {
    this.taskDefinition = launch.createTaskDefinition(scope, 'TaskDefinition', containers);
    Object.entries(containers).forEach(([name, container]) => this.create(name, container));
  }

  /** Where they listen. */
  public get ports(): ContainerPort[] {
    return Object.entries(this.containers)
      .flatMap(([containerName, { port }]) => port === undefined ? [] : [{
        containerName, port, protocol: ecs.Protocol.TCP, portName: portNameOf(containerName),
      }]);
  }

  public add(name: string, container: ContainerOptions): ecs.ContainerDefinition {
    if (this.taskDefinition.findContainer(name)) {
      reject(this.scope, {
        property: `containers.${name}`, must: 'have a name of its own', got: name,
        cure: 'Choose another name for the second container.',
      });
    }
    const containers = { ...this.containers, [name]: container };
    checkContainers(this.scope, containers);
    this.launch.check(containers);
    this.containers = containers;
    return this.create(name, container);
  }

  private create(name: string, container: ContainerOptions): ecs.ContainerDefinition {
    const { port, ...options } = container;
    // Under an id of its own: a container may well be called as one of the other children of the task definition.
    return this.taskDefinition.addContainer(`${name}-container`, {
      ...options,
      ...container.memoryLimitMiB === undefined ? this.launch.containerDefaults : {},
      containerName: name,
      portMappings: port === undefined ? undefined : [{ containerPort: port, name: portNameOf(name) }],
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: name }),
    });
  }
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
function portNameOf(containerName: string): string {
  return containerName.toLowerCase().slice(0, 64);
}
