import { Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ContainerRestartPolicy } from './container-restart-policy';

/** What a container is made of. */
export interface TaskContainerProps extends ecs.ContainerDefinitionProps {
  readonly restartPolicy?: ContainerRestartPolicy;
}

/** A container of which the L2 does not look at the numbers: they have been checked, and it takes a token for a negative number. */
export class TaskContainer extends ecs.ContainerDefinition {
  private readonly given: TaskContainerProps;

  constructor(scope: Construct, id: string, props: TaskContainerProps) {
    const { memoryLimitMiB, memoryReservationMiB, healthCheck, restartPolicy, ...plain } = props;
    // One of the two is enough for the L2 to know that there is one.
    super(scope, id, { ...plain, memoryReservationMiB: memoryReservationMiB ?? memoryLimitMiB });
    this.given = props;
  }

  public renderContainerDefinition(taskDefinition?: ecs.TaskDefinition): ecs.CfnTaskDefinition.ContainerDefinitionProperty {
    const { memoryLimitMiB, memoryReservationMiB, healthCheck, restartPolicy } = this.given;
    return {
      ...super.renderContainerDefinition(taskDefinition),
      memory: memoryLimitMiB,
      memoryReservation: memoryReservationMiB,
      healthCheck: healthCheck && renderHealthCheck(healthCheck),
      restartPolicy: restartPolicy?._render(),
    };
  }
}

function renderHealthCheck({ command, interval, timeout, retries, startPeriod }: ecs.HealthCheck): ecs.CfnTaskDefinition.HealthCheckProperty {
  return {
    command: commandOf(command),
    interval: interval?.toSeconds() ?? 30,
    timeout: timeout?.toSeconds() ?? 5,
    retries: retries ?? 3,
    startPeriod: startPeriod?.toSeconds(),
  };
}

/** As the L2 does it: one text is for the shell, several are a program and its arguments. */
function commandOf(command: string[]): string[] {
  if (Token.isUnresolved(command) || ['CMD', 'CMD-SHELL'].includes(command[0])) {
    return command;
  }
  return [command.length === 1 ? 'CMD-SHELL' : 'CMD', ...command];
}
