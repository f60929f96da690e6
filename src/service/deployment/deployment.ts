import { Construct } from 'constructs';
import { DeployedService, DeploymentBinder, DeploymentConfig } from './deployment-config';
import {
  BlueGreenOptions, CanaryOptions, LinearOptions, RollingOptions,
} from './deployment-options';
import { rolling } from './rolling';
import { blueGreen, canary, linear } from './shifting';

/**
 * A deployment strategy: how new tasks replace old ones. If the new tasks fail, ECS rolls back to the old ones, and the stack rolls back too.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
 */
export class Deployment {
  /**
   * Replace tasks gradually in one target group. During the deployment, clients reach both versions.
   *
   * Throws if the percentages leave no room to replace a task.
   *
   * @param options percentages, bake time, circuit breaker, alarms and hooks
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
   */
  public static rolling(options: RollingOptions = {}): Deployment {
    return new Deployment(rolling(options));
  }

  /**
   * Start all new tasks, then shift all traffic at once. A rollback is immediate too. The service runs twice as many tasks during the deployment.
   *
   * Also works without a load balancer: then the old tasks stop when the new ones are healthy.
   *
   * @param options bake time, test port, alarms and hooks
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
   */
  public static blueGreen(options: BlueGreenOptions = {}): Deployment {
    return new Deployment(blueGreen(options));
  }

  /**
   * Like blue/green, but traffic shifts in equal steps.
   *
   * Throws if the exposure has neither a load balancer nor Service Connect, and if the steps take longer than CloudFormation waits.
   *
   * @param options steps, bake time, test port, alarms and hooks
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-linear.html
   */
  public static linear(options: LinearOptions = {}): Deployment {
    return new Deployment(linear(options));
  }

  /**
   * Like blue/green, but a small part of the traffic shifts first, and the rest later.
   *
   * Throws if the exposure has neither a load balancer nor Service Connect, and if the deployment takes longer than CloudFormation waits.
   *
   * @param options the first step, bake time, test port, alarms and hooks
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html
   */
  public static canary(options: CanaryOptions = {}): Deployment {
    return new Deployment(canary(options));
  }

  private constructor(private readonly binder: DeploymentBinder) {}

  /** @internal */
  public _bind(scope: Construct, service: DeployedService): DeploymentConfig {
    return this.binder(scope, service);
  }
}
