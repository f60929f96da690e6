import { Token } from 'aws-cdk-lib';
import { Ec2ServiceProps, PlacementConstraint, PlacementStrategy } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { LaunchedServiceProps } from './launch';
import { hasMethods, isObject } from '../../private/shape';
import { reject } from '../../private/validation';

/** Options of a daemon. */
export interface DaemonPlacementOptions {
  /**
   * Constraints for the instances, at most 10, e.g. `PlacementConstraint.memberOf('attribute:ecs.instance-type =~ m8g.*')`.
   *
   * @default - any instance
   */
  readonly constraints?: PlacementConstraint[];
}

/** Options of replicas. */
export interface ReplicaPlacementOptions extends DaemonPlacementOptions {
  /**
   * The placement strategies, at most 5, in order of importance.
   *
   * @default - spread over the availability zones
   */
  readonly strategies?: PlacementStrategy[];
}

/** The service properties that the placement sets. */
type Placed = Partial<Ec2ServiceProps>;

/**
 * The placement of tasks on instances.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
 */
export class Ec2Placement {
  /**
   * The desired number of tasks, placed by strategies and constraints.
   *
   * @param options strategies and constraints
   */
  public static replicas(options: ReplicaPlacementOptions = {}): Ec2Placement {
    return new Ec2Placement(options, false);
  }

  /**
   * One task on each instance, for example to collect logs. A deployment stops the old task before it starts the new one, so each is interrupted for a
   * moment.
   *
   * The service throws if it has `desiredCount`, `scaling`, capacity providers, or a deployment that runs both versions at the same time.
   * CloudFormation replaces a service that changes to or from a daemon.
   *
   * @param options constraints for the instances
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_scheduler_daemon.html
   */
  public static daemon(options: DaemonPlacementOptions = {}): Ec2Placement {
    return new Ec2Placement(options, true);
  }

  private constructor(
    private readonly options: ReplicaPlacementOptions,
    /** @internal */
    public readonly _isDaemon: boolean,
  ) {}

  /** @internal */
  public _check(scope: IConstruct): void {
    if (!isObject(this.options)) {
      reject(scope, { property: 'placement', must: 'be an object', got: this.options, fix: 'Give options in brackets, or nothing: Ec2Placement.replicas().' });
    }
    checkRules(scope, 'placement.strategies', this.options.strategies, 5, 'PlacementStrategy.packedByMemory()');
    checkRules(scope, 'placement.constraints', this.options.constraints, 10, 'PlacementConstraint.distinctInstances()');
  }

  /**
   * The service properties that the placement sets.
   *
   * @internal
   */
  public _place(scope: IConstruct, props: LaunchedServiceProps): Placed {
    const rules = { placementConstraints: this.options.constraints, placementStrategies: this.options.strategies };
    return this._isDaemon ? { ...rules, ...daemonOf(scope, props) } : rules;
  }
}

function checkRules(scope: IConstruct, property: string, rules: unknown, max: number, example: string): void {
  if (rules === undefined) {
    return;
  }
  if (!Array.isArray(rules)) {
    reject(scope, { property, must: 'be a list', got: rules, fix: `Give a list, e.g. [${example}].` });
  }
  rules.forEach((rule: unknown, index) => {
    if (!hasMethods(rule, 'toJson')) {
      reject(scope, { property: `${property}[${index}]`, must: 'be a rule of ECS', got: rule, fix: `Make one with brackets, e.g. ${example}.` });
    }
  });
  // One object can contain several rules.
  const count = (rules as PlacementStrategy[]).flatMap(rule => rule.toJson()).length;
  if (count > max) {
    reject(scope, { property, must: `have at most ${max} rules`, got: count, fix: 'Keep those that matter most.' });
  }
}

/** The deployment of a daemon, which stops the old task of an instance before it starts the new one. */
function daemonOf(scope: IConstruct, { minHealthyPercent, maxHealthyPercent, deploymentStrategy }: LaunchedServiceProps): Placed {
  if (deploymentStrategy !== undefined && deploymentStrategy !== 'ROLLING') {
    reject(scope, {
      property: 'deployment', must: 'be rolling for a daemon, of which each instance has room for one', got: deploymentStrategy,
      fix: 'Use Deployment.rolling(), or leave it out.',
    });
  }
  const usual = minHealthyPercent === 100 && maxHealthyPercent === 200;
  if (!usual && maxHealthyPercent !== 100) {
    reject(scope, {
      property: 'deployment.maxHealthyPercent', must: 'be 100 for a daemon, of which each instance has room for one',
      got: Token.isUnresolved(maxHealthyPercent) ? 'a token' : maxHealthyPercent,
      fix: 'Use Deployment.rolling({ minHealthyPercent: 0, maxHealthyPercent: 100 }), or leave the deployment out for that.',
    });
  }
  if (minHealthyPercent === 100 && !usual) {
    reject(scope, {
      property: 'deployment.minHealthyPercent', must: 'be less than 100 for a daemon, whose old task stops before the new one starts', got: minHealthyPercent,
      fix: 'Use Deployment.rolling({ minHealthyPercent: 0, maxHealthyPercent: 100 }), or leave the deployment out for that.',
    });
  }
  return { daemon: true, desiredCount: undefined, ...usual ? { minHealthyPercent: 0, maxHealthyPercent: 100 } : {} };
}
