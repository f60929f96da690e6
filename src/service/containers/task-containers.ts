import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { checkAddedContainers } from './added-containers';
import { byName, sortedByName } from './by-name';
import { ContainerCapabilities } from './container-capabilities';
import { allowEnvironmentFiles, kernelSettings, ScopedEnvironmentFile, TaskContainer, warnOfSecretInEnvironment } from './container-definition';
import { ContainerLogging } from './container-logging';
import { ContainerOptions, Containers } from './container-options';
import { checkCapabilities, checkContainers, checkLogDriver } from './container-rules';
import { addLogRouter } from './log-router';
import { NamedPort, PortNames } from './port-names';
import { checkSecretArn } from './secret-arns';
import { TaskVolumes } from './volumes/task-volumes';
import { TaskRunner } from './volumes/volume-definition';
import { reject } from '../../private/validation';
import { ContainerPort } from '../exposure/exposure-config';

/** The parts of a launch type that concern the containers of a task. */
export interface ContainerHost {
  readonly capabilities: ContainerCapabilities;

  /** Settings of a container without a memory limit or reservation. */
  readonly containerDefaults: { readonly memoryReservationMiB?: number };

  /** Rejects containers that do not fit. */
  check(containers: Containers): void;

  createTaskDefinition(scope: Construct, id: string, containers: Containers): ecs.TaskDefinition;
}

/** The containers of a task and their task definition. */
export class TaskContainers {
  public readonly taskDefinition: ecs.TaskDefinition;
  private readonly volumes: TaskVolumes;
  private readonly portNames = new PortNames();
  private readonly namedPorts = new Map<string, NamedPort[]>();

  /** The containers must already have been checked. */
  constructor(
    private readonly scope: Construct, private readonly host: ContainerHost, private containers: Containers, private readonly logGroup: ILogGroup,
  ) {
    checkCapabilities(scope, containers, host.capabilities);
    host.check(containers);
    this.taskDefinition = host.createTaskDefinition(scope, 'TaskDefinition', containers);
    this.volumes = new TaskVolumes(scope, this.taskDefinition);
    this.createAll(containers);
    this.taskDefinition.defaultContainer = this.mainContainer();
    checkAddedContainers(scope, this.taskDefinition);
  }

  /** All ports, in the order of the containers, the main port of each first. */
  public get ports(): ContainerPort[] {
    return Object.keys(this.containers).flatMap(name => this.namedPorts.get(name) ?? []);
  }

  public add(name: string, container: ContainerOptions): ecs.ContainerDefinition {
    if (this.taskDefinition.findContainer(name)) {
      reject(this.scope, {
        property: `containers.${name}`, must: 'have a unique name', got: name, fix: 'Use another name for the second container.',
      });
    }
    const containers = { ...this.containers, [name]: container };
    checkContainers(this.scope, containers);
    checkCapabilities(this.scope, containers, this.host.capabilities);
    this.host.check(containers);
    this.containers = containers;
    const [created] = this.createAll({ [name]: container });
    return created;
  }

  /** Connects file systems and EBS volumes to the service or the one-off task. */
  public attachTo(runner: TaskRunner): void {
    this.volumes.attachTo(runner);
  }

  private createAll(containers: Containers): ecs.ContainerDefinition[] {
    Object.values(containers).forEach(container => this.portNames.reserve(container));
    const created = byName(containers).map(([name, container]) => this.create(name, container));
    byName(containers).forEach(([name, container]) => this.createDependencies(name, container));
    return created;
  }

  private create(name: string, container: ContainerOptions): ecs.ContainerDefinition {
    const { capabilities, containerDefaults } = this.host;
    const ports = this.portNames.portsOf(name, container);
    this.namedPorts.set(name, ports);
    warnOfSecretInEnvironment(this.scope, name, container);
    // The suffix prevents collisions with other children of the task definition.
    const created = new TaskContainer(this.taskDefinition, `${name}-container`, {
      ...settingsOf(container),
      ...(container.memoryLimitMiB ?? container.memoryReservationMiB) === undefined ? containerDefaults : {},
      ...kernelSettings(this.taskDefinition, `${name}-kernel`, container, capabilities),
      taskDefinition: this.taskDefinition,
      containerName: name,
      environment: sortedByName(container.environment),
      secrets: sortedByName(container.secrets),
      dockerLabels: sortedByName(container.dockerLabels),
      environmentFiles: container.environmentFiles
        ?.map((file, index) => new ScopedEnvironmentFile(file, index, this.scope, `containers.${name}.environmentFiles`)),
      portMappings: ports.map(each => ({ containerPort: each.port, name: each.portName, protocol: each.protocol, appProtocol: each.appProtocol })),
      logging: (container.logging ?? ContainerLogging.toCloudWatch())._bind({ containerName: name, logGroup: this.logGroup }),
    });
    checkLogDriver(this.scope, name, created.logDriverConfig?.logDriver, capabilities);
    created.logDriverConfig?.secretOptions?.forEach(({ valueFrom }) => checkSecretArn(this.scope, `containers.${name}.logging`, valueFrom));
    addLogRouter(this.scope, created, this.logGroup, Object.keys(this.containers));
    allowEnvironmentFiles(created);
    this.volumes.mount(created, container.volumes);
    return created;
  }

  private createDependencies(name: string, { dependsOn = [] }: ContainerOptions): void {
    const find = (containerName: string) => this.taskDefinition.findContainer(containerName) as ecs.ContainerDefinition;
    find(name).addContainerDependencies(...dependsOn.map(({ containerName, condition }) => ({ container: find(containerName), condition })));
  }

  /** The default container of the L2: the first essential container with a port, in the order of the user. */
  private mainContainer(): ecs.ContainerDefinition | undefined {
    const essential = Object.keys(this.containers).filter(name => this.containers[name].essential !== false);
    const main = essential.find(name => this.namedPorts.get(name)?.length) ?? essential[0];
    return this.taskDefinition.findContainer(main);
  }
}

/** The options that have the same names in the L2. Unknown properties, which untyped code can pass, are left out. */
function settingsOf({
  image, versionConsistency, command, entryPoint, workingDirectory, user, pseudoTerminal, memoryLimitMiB, memoryReservationMiB, cpu, ulimits,
  essential, healthCheck, startTimeout, stopTimeout, restartPolicy,
}: ContainerOptions) {
  return {
    image, versionConsistency, command, entryPoint, workingDirectory, user, pseudoTerminal, memoryLimitMiB, memoryReservationMiB, cpu, ulimits,
    essential, healthCheck, startTimeout, stopTimeout, restartPolicy,
  };
}
