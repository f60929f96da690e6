import { Token } from 'aws-cdk-lib';
import { Ec2ServiceProps, PlacementConstraint, PlacementStrategy } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { LaunchedServiceProps } from './launch';
import { Rules, Shape } from '../../private/shape';
import { reject } from '../../private/validation';

/** Options of `Ec2Placement.daemon`. */
export interface Ec2PlacementDaemonOptions {
  /**
   * The conditions for an instance, at most 10, e.g. `PlacementConstraint.memberOf('attribute:ecs.instance-type =~ m8g.*')`.
   *
   * @default - any instance
   */
  readonly constraints?: PlacementConstraint[];
}

/** Options of `Ec2Placement.replicas`. */
export interface Ec2PlacementReplicasOptions extends Ec2PlacementDaemonOptions {
  /**
   * The strategies to select one of the possible instances, at most 5, in order of priority.
   *
   * @default - ECS spreads tasks across availability zones
   */
  readonly strategies?: PlacementStrategy[];
}

const CONSTRAINT_FIX = 'Write a list such as [PlacementConstraint.distinctInstances()].';
const STRATEGY_FIX = 'Write a list such as [PlacementStrategy.packedByMemory()].';

const DAEMON_RULES: Rules<Ec2PlacementDaemonOptions> = {
  constraints: { kind: 'list', of: { kind: 'instance', methods: ['toJson'], must: 'be a PlacementConstraint', fix: CONSTRAINT_FIX }, fix: CONSTRAINT_FIX },
};

/** The rules of `Ec2PlacementDaemonOptions`. */
export const DAEMON_PLACEMENT = new Shape<Ec2PlacementDaemonOptions>('Write an object such as { constraints: [] }, or leave it out.', DAEMON_RULES, {
  placementConstraints: 'Write constraints.',
  strategies: 'Leave it out: a daemon runs one task on each instance. Use constraints to select instances.',
  placementStrategies: 'Leave it out: a daemon runs one task on each instance. Use constraints to select instances.',
});

/** The rules of `Ec2PlacementReplicasOptions`. */
export const REPLICA_PLACEMENT = new Shape<Ec2PlacementReplicasOptions>('Write an object such as { strategies: [] }, or leave it out.', {
  ...DAEMON_RULES,
  strategies: { kind: 'list', of: { kind: 'instance', methods: ['toJson'], must: 'be a PlacementStrategy', fix: STRATEGY_FIX }, fix: STRATEGY_FIX },
}, {
  placementConstraints: 'Write constraints.',
  placementStrategies: 'Write strategies.',
  daemon: 'Use Ec2Placement.daemon().',
});

/** The properties of the ECS service that the placement sets. */
type Placed = Partial<Ec2ServiceProps>;

/**
 * The placement of tasks on instances.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
 */
export class Ec2Placement {
  /**
   * Run the desired number of tasks.
   *
   * @param options constraints and strategies
   */
  public static replicas(options: Ec2PlacementReplicasOptions = {}): Ec2Placement {
    return new Ec2Placement(options, false);
  }

  /**
   * Run one task on each instance, for example to collect its logs. A deployment stops the old task of an instance before it starts the new one,
   * so each is interrupted for a moment.
   *
   * The service throws if it has `desiredCount`, `scaling` or capacity providers, or a deployment that runs two versions at the same time.
   * A change between `daemon` and `replicas` replaces the service.
   *
   * @param options constraints
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_scheduler_daemon.html
   */
  public static daemon(options: Ec2PlacementDaemonOptions = {}): Ec2Placement {
    return new Ec2Placement(options, true);
  }

  private constructor(
    private readonly options: Ec2PlacementReplicasOptions,
    /** @internal */
    public readonly _isDaemon: boolean,
  ) {}

  /** @internal */
  public _check(scope: IConstruct): void {
    (this._isDaemon ? DAEMON_PLACEMENT : REPLICA_PLACEMENT).check(scope, 'placement', this.options);
    checkCount(scope, 'placement.strategies', this.options.strategies, 5);
    checkCount(scope, 'placement.constraints', this.options.constraints, 10);
  }

  /** @internal */
  public _place(scope: IConstruct, props: LaunchedServiceProps): Placed {
    const rules = { placementConstraints: this.options.constraints, placementStrategies: this.options.strategies };
    return this._isDaemon ? { ...rules, ...daemonOf(scope, props) } : rules;
  }
}

/** Checks the number of rules. One object can contain several rules. */
function checkCount(scope: IConstruct, property: string, rules: (PlacementConstraint | PlacementStrategy)[] = [], max: number): void {
  const count = rules.flatMap(rule => rule.toJson()).length;
  if (count > max) {
    reject(scope, { property, must: `have at most ${max} rules`, got: count, fix: 'Keep the most important ones.' });
  }
}

/** Checks that the deployment stops the old task of an instance before it starts the new one, as a daemon requires. */
function daemonOf(scope: IConstruct, { minHealthyPercent, maxHealthyPercent, deploymentStrategy }: LaunchedServiceProps): Placed {
  if (deploymentStrategy !== undefined && deploymentStrategy !== 'ROLLING') {
    reject(scope, {
      property: 'deployment', must: 'be rolling for a daemon, which runs one task on each instance', got: deploymentStrategy,
      fix: 'Use Deployment.rolling(), or leave it out.',
    });
  }
  const usual = minHealthyPercent === 100 && maxHealthyPercent === 200;
  const fix = 'Use Deployment.rolling({ minHealthyPercent: 0, maxHealthyPercent: 100 }), or leave the deployment out, which is the same.';
  if (!usual && maxHealthyPercent !== 100) {
    reject(scope, {
      property: 'deployment.maxHealthyPercent', must: 'be 100 for a daemon, which runs one task on each instance',
      got: Token.isUnresolved(maxHealthyPercent) ? 'a token' : maxHealthyPercent, fix,
    });
  }
  if (minHealthyPercent === 100 && !usual) {
    reject(scope, {
      property: 'deployment.minHealthyPercent', must: 'be below 100 for a daemon, whose old task stops before the new one starts', got: minHealthyPercent, fix,
    });
  }
  return { daemon: true, desiredCount: undefined, ...usual ? { minHealthyPercent: 0, maxHealthyPercent: 100 } : {} };
}
