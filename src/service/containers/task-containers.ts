import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { byName, sortedByName } from './by-name';
import { checkCapabilities, checkLogDriver } from './checks/capability-checks';
import { checkContainers } from './container-checks';
import { ContainerLogging } from './container-logging';
import { ContainerOptions, Containers } from './container-options';
import { kernelSettings } from './kernel-settings';
import { addLogRouter } from './log-router';
import { NamedPort, PortNames } from './port-names';
import { allowEnvironmentFiles, ScopedEnvironmentFile } from './scoped-environment-file';
import { warnOfSecretInEnvironment } from './secret-in-environment';
import { TaskContainer } from './task-container';
import { TaskVolumes } from './volumes/task-volumes';
import { TaskRunner } from './volumes/volume-definition';
import { reject } from '../../private/validation';
import { ContainerPort } from '../exposure/exposure-config';
import { Launch } from '../launch/launch';

/** The containers of one task, and the task definition that they are in. */
export class TaskContainers {
  public readonly taskDefinition: ecs.TaskDefinition;
  private readonly volumes: TaskVolumes;
  private readonly portNames = new PortNames();
  private readonly namedPorts = new Map<string, NamedPort[]>();

  /** The containers must have been checked. */
  constructor(
    private readonly scope: Construct, private readonly launch: Launch, private containers: Containers, private readonly logGroup: ILogGroup,
  ) {
    checkCapabilities(scope, containers, launch.capabilities);
    launch.check(containers);
    this.taskDefinition = launch.createTaskDefinition(scope, 'TaskDefinition', containers);
    this.volumes = new TaskVolumes(scope, this.taskDefinition);
    this.createAll(containers);
    this.taskDefinition.defaultContainer = this.mainContainer();
  }

  /** Where they listen, in the order in which they were given: of each its main port first. */
  public get ports(): ContainerPort[] {
    return Object.keys(this.containers).flatMap(name => this.namedPorts.get(name) ?? []);
  }

  public add(name: string, container: ContainerOptions): ecs.ContainerDefinition {
    if (this.taskDefinition.findContainer(name)) {
      reject(this.scope, {
        property: `containers.${name}`, must: 'have a name of its own', got: name,
        fix: 'Choose another name for the second container.',
      });
    }
    const containers = { ...this.containers, [name]: container };
    checkContainers(this.scope, containers);
    checkCapabilities(this.scope, containers, this.launch.capabilities);
    this.launch.check(containers);
    this.containers = containers;
    const [created] = this.createAll({ [name]: container });
    return created;
  }

  /** Once it is known what runs the tasks, which is let in to file systems and makes EBS volumes for them. */
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
    const { capabilities, containerDefaults } = this.launch;
    const { port, additionalPorts, volumes, dependsOn, sharedMemorySize, initProcessEnabled, security, ...options } = container;
    const ports = this.portNames.portsOf(name, container);
    this.namedPorts.set(name, ports);
    warnOfSecretInEnvironment(this.scope, name, container);
    // Under an id of its own: a container may well be called as one of the other children of the task definition.
    const created = new TaskContainer(this.taskDefinition, `${name}-container`, {
      ...options,
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
    addLogRouter(this.scope, created, this.logGroup, Object.keys(this.containers));
    allowEnvironmentFiles(created);
    this.volumes.mount(created, volumes);
    return created;
  }

  private createDependencies(name: string, { dependsOn = [] }: ContainerOptions): void {
    const find = (containerName: string) => this.taskDefinition.findContainer(containerName) as ecs.ContainerDefinition;
    find(name).addContainerDependencies(...dependsOn.map(({ containerName, condition }) => ({ container: find(containerName), condition })));
  }

  /** What the L2 takes where no container is named: the first essential one that listens, in the order in which the user wrote them. */
  private mainContainer(): ecs.ContainerDefinition | undefined {
    const essential = Object.keys(this.containers).filter(name => this.containers[name].essential !== false);
    const main = essential.find(name => this.namedPorts.get(name)?.length) ?? essential[0];
    return this.taskDefinition.findContainer(main);
  }
}
