import { BaseService, BaseServiceOptions, ContainerDefinitionOptions, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { TaskNetwork } from './task-network';
import { ContainerCapabilities } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';

/** What a service is made with, wherever its tasks run. */
export interface LaunchedServiceProps extends BaseServiceOptions {
  readonly taskDefinition: TaskDefinition;
}

/** What tasks run on: makes the resources that differ with it, and knows what it does not offer. */
export interface Launch {
  /** What a container gets there where the user says nothing. */
  readonly containerDefaults: Partial<ContainerDefinitionOptions>;

  /**
   * Whether each instance runs one task, so that nobody knows how many there are.
   *
   * @default false
   */
  readonly isDaemon?: boolean;

  /** What containers can have there, and not everywhere. */
  readonly capabilities: ContainerCapabilities;

  /** Where its tasks are reached. */
  readonly network: TaskNetwork;

  /** Throws when the containers do not fit, or want what is not there. */
  check(containers: Containers): void;

  /** The task definition, still without containers. */
  createTaskDefinition(scope: Construct, id: string, containers: Containers): TaskDefinition;

  /** The service that runs it. */
  createService(scope: Construct, id: string, props: LaunchedServiceProps): BaseService;
}
