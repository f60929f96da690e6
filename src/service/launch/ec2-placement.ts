import { Token } from 'aws-cdk-lib';
import { Ec2ServiceProps, PlacementConstraint, PlacementStrategy } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { LaunchedServiceProps } from './launch';
import { hasMethods, isObject } from '../../private/shape';
import { reject } from '../../private/validation';

/** On which instances daemon tasks run. */
export interface DaemonPlacementOptions {
  /**
   * What an instance must be like, at most 10 rules, e.g. `PlacementConstraint.memberOf('attribute:ecs.instance-type =~ m8g.*')`.
   *
   * @default - any instance
   */
  readonly constraints?: PlacementConstraint[];
}

/** On which instances tasks run. */
export interface ReplicaPlacementOptions extends DaemonPlacementOptions {
  /**
   * Which of the instances is taken, at most 5 rules, of which the first counts most.
   *
   * @default - tasks are spread over the availability zones
   */
  readonly strategies?: PlacementStrategy[];
}

/** What of a service with placement rules differs, and whether it runs a task on each instance. */
type Placed = Partial<Ec2ServiceProps>;

/**
 * On which of the instances tasks run.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
 */
export class Ec2Placement {
  /**
   * As many tasks as the service says, placed by rules.
   *
   * @param options the rules
   */
  public static replicas(options: ReplicaPlacementOptions = {}): Ec2Placement {
    return new Ec2Placement(options, false);
  }

  /**
   * One task on each instance, for example to collect its logs. New tasks take the place of old ones: at most as many run as there are instances,
   * so that a deployment interrupts each for a moment.
   *
   * The service throws when it has `desiredCount`, `scaling`, or capacity providers, or a deployment that runs both versions side by side.
   * CloudFormation replaces a service that becomes a daemon, or is none any more.
   *
   * @param options which instances
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
   * What of the service it decides.
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
  // One object may have several rules.
  const count = (rules as PlacementStrategy[]).flatMap(rule => rule.toJson()).length;
  if (count > max) {
    reject(scope, { property, must: `have at most ${max} rules`, got: count, fix: 'Keep those that matter most.' });
  }
}

/** The deployment of a daemon stops the old task of an instance before it starts the new one. */
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
