import { CfnResource, CustomResource, Duration, Lazy, Stage } from 'aws-cdk-lib';
import { Connections, IConnectable, ISecurityGroup, SecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { FargatePlatformVersion, ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, IDependable } from 'constructs';
import { FailureLogs } from './failure-logs';
import { checkDependable, checkOneOffTask, circles, timeoutSeconds } from './run-once-checks';
import { RunOnceHandler } from './run-once-handler';
import type { RunContainerProperties, RunOnceProperties } from './run-once-properties';
import { isObject } from '../private/check-types';
import { definedContainers, isWork } from '../private/defined-containers';
import { reject } from '../private/validation';
import { ContainerService } from '../service/container-service';
import { ContainerOptions } from '../service/containers/container-options';
import { TaskContainers } from '../service/containers/task-containers';
import { Launch } from '../service/launch/launch';
import { logGroupOf } from '../service/monitoring/service-logs';
import { TaskImageChecks } from '../service/task-image-checks';
import { TaskProps } from '../service/task-props';

/** What every one-off task has, wherever it runs. */
export interface OneOffTaskProps extends TaskProps {
  /** The cluster that runs the task, and with it the VPC. */
  readonly cluster: ICluster;

  /**
   * The containers of the task, by name. At least one is essential. The run succeeds when every essential container ends with exit code
   * 0: what only helps, such as a proxy, needs `essential: false`.
   */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * How long the task may take, from the request to start it to its end, in whole seconds from one minute to 50 minutes. A task that takes
   * longer is stopped, and the deployment fails. CloudFormation itself waits for one hour.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * What the message of a failed run tells of the log. It stands in the events of the stack, and in the log of the function.
   *
   * @default FailureLogs.lastLines()
   */
  readonly failureLogs?: FailureLogs;

  /**
   * The subnets that the task runs in. On Fargate, it gets a public IP address in public subnets, and nowhere else; `assignPublicIp` says
   * otherwise. Throws when it is left out and the VPC has no private subnets, and for more than 16 subnets.
   *
   * @default - private subnets with internet egress
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the task, one to five.
   *
   * @default - one of its own, which lets nobody in
   */
  readonly securityGroups?: ISecurityGroup[];
}

/** What a one-off task runs on. */
export interface OneOffLaunch {
  readonly launchType: RunOnceProperties['LaunchType'];
  readonly launch: Launch;
  /** Only on Fargate. */
  readonly platformVersion?: FargatePlatformVersion;
}

/**
 * A task that runs to its end during the deployment. Made as a `RunOnce` or an `Ec2RunOnce`; extend one of these.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html
 */
export abstract class OneOffTask extends Construct implements IConnectable, IGrantable {
  /** The task definition. What is not a property here is set by its methods, or on the resource of CloudFormation, its `node.defaultChild`. */
  public readonly taskDefinition: TaskDefinition;

  /** Where the containers write to: `logGroup` of the properties, or one of its own, which is kept when the task is removed or rolled back. */
  public readonly logGroup: ILogGroup;

  /** Whom the task may connect to, and who may connect to it. */
  public readonly connections: Connections;

  /** The role of the code in the containers. */
  public readonly grantPrincipal: IPrincipal;

  private readonly run: CustomResource;

  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: OneOffTaskProps) {
    super(scope, id);
    checkOneOffTask(this, props);
    const launched = this._launch(props);
    this.logGroup = logGroupOf(this, 'Logs', props);
    const containers = new TaskContainers(this, launched.launch, props.containers, this.logGroup);
    this.taskDefinition = containers.taskDefinition;
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.connections = new Connections({ securityGroups: props.securityGroups ?? [this.createSecurityGroup(props)] });
    this.run = this.createRun(launched, props);
    containers.attachTo({ node: this.run.node, connections: this.connections });
    new TaskImageChecks(this, 'ImageChecks', { ...props, taskDefinition: this.taskDefinition, runner: this.run });
    this.node.addValidation({ validate: () => circles(this.run.node.defaultChild as CfnResource) });
  }

  /**
   * The service is created and updated when the task has succeeded. Of the service nothing else waits, such as its load balancer.
   *
   * A service of another stack is deployed with all of its stack after the stack of the task. Throws when it belongs to another stage, which
   * is deployed on its own.
   *
   * @param service what waits for the task
   */
  public executeBefore(service: ContainerService): void {
    const ecsService: unknown = isObject(service) ? service.ecsService : undefined;
    if (!Construct.isConstruct(ecsService)) {
      return reject(this, {
        property: 'service', must: 'be a service of this library', got: service,
        fix: 'Let anything else wait with other.node.addDependency(…) of its own.',
      });
    }
    if (Stage.of(ecsService) !== Stage.of(this)) {
      reject(this, {
        property: 'service', must: 'be in the same stage, because each stage is deployed on its own', got: service.node.path,
        fix: 'Make the task in the stage of the service.',
      });
    }
    // Not its security group: a database that the run waits for may let that in.
    (ecsService.node.defaultChild ?? ecsService).node.addDependency(this.run);
  }

  /**
   * The task runs when something else is there: a database that is made in the same deployment, with the rules that let the task in. What
   * containers, network and roles of the task refer to is waited for anyway.
   *
   * Use it rather than `node.addDependency`: of the task only the run waits, not the security group that a rule of the database may name.
   *
   * @param dependency what has to be there first
   */
  public executeAfter(dependency: IDependable): void {
    checkDependable(this, dependency);
    this.run.node.addDependency(dependency);
  }

  /**
   * What the task runs on. Called once, while this is made: it may use nothing of the construct but the construct itself.
   *
   * @internal
   */
  protected _launch(_props: OneOffTaskProps): OneOffLaunch {
    return reject(this, { property: 'class', must: 'be a RunOnce or an Ec2RunOnce', got: this.constructor.name, fix: 'Extend one of these.' });
  }

  private createSecurityGroup({ cluster: { vpc } }: OneOffTaskProps): SecurityGroup {
    return new SecurityGroup(this, 'SecurityGroup', { vpc, description: 'One-off task' });
  }

  private createRun({ launchType, launch: { network }, platformVersion }: OneOffLaunch, props: OneOffTaskProps): CustomResource {
    const { cluster, timeout, failureLogs = FailureLogs.lastLines() } = props;
    const { taskDefinition } = this;
    const { subnets, assignPublicIp } = network;
    const logLines = failureLogs._lines(this);
    const logGroup = logLines === undefined ? undefined : this.logGroup;
    const handler = new RunOnceHandler(this, 'Handler', { cluster, taskDefinition, logGroup });
    const properties: RunOnceProperties = {
      SchemaVersion: '1',
      Cluster: cluster.clusterArn,
      TaskDefinition: taskDefinition.taskDefinitionArn,
      LaunchType: launchType,
      PlatformVersion: platformVersion,
      Subnets: subnets.subnetIds,
      SecurityGroups: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
      ...assignPublicIp !== undefined && { AssignPublicIp: assignPublicIp ? 'ENABLED' : 'DISABLED' },
      TimeoutSeconds: String(timeoutSeconds(this, timeout)),
      // Containers may still be added to the task definition.
      Containers: Lazy.any({ produce: () => this.containers() }) as unknown as RunContainerProperties[],
      LogGroup: logGroup?.logGroupName,
      LogLines: String(logLines ?? 0),
    };
    const { serviceToken, serviceTimeout, eventSettings } = handler;
    const run = new CustomResource(this, 'Resource', { resourceType: 'Custom::ContainerRunOnce', serviceToken, serviceTimeout, properties: { ...properties } });
    // Rights and routes without which no task starts, and those of the code in it.
    run.node.addDependency(eventSettings, handler.role, taskDefinition.taskRole, taskDefinition.obtainExecutionRole());
    run.node.addDependency(subnets.internetConnectivityEstablished);
    return run;
  }

  private containers(): RunContainerProperties[] {
    return definedContainers(this.taskDefinition).map(definition => {
      const { containerName, logDriverConfig: { options = {} } = { logDriver: '' } } = definition;
      return {
        Name: containerName,
        Essential: String(isWork(definition)),
        ...options['awslogs-group'] === this.logGroup.logGroupName && { StreamPrefix: options['awslogs-stream-prefix'] },
      };
    });
  }
}
