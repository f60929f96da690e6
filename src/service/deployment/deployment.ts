import { Construct } from 'constructs';
import { DeployedService, DeploymentBinder, DeploymentConfig } from './deployment-config';
import {
  BlueGreenDeploymentOptions, CanaryDeploymentOptions, LinearDeploymentOptions, RollingDeploymentOptions,
} from './deployment-options';
import { rolling } from './rolling';
import { blueGreen, canary, linear } from './shifting';

/**
 * How new tasks take the place of the old ones. When they fail, the old ones come back, and the stack fails with them.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
 */
export class Deployment {
  /**
   * A few at a time, in one target group: for a while clients reach both versions.
   *
   * Throws when the percentages leave no room to replace a task.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
   */
  public static rolling(options: RollingDeploymentOptions = {}): Deployment {
    return new Deployment(rolling(options));
  }

  /**
   * All new tasks run before the first client reaches them; then all clients are moved at once, and can be moved back at once. The service
   * runs twice as many tasks meanwhile.
   *
   * Works without a load balancer too; there the old tasks stop when the new ones are healthy.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
   */
  public static blueGreen(options: BlueGreenDeploymentOptions = {}): Deployment {
    return new Deployment(blueGreen(options));
  }

  /**
   * As blue/green, but clients are moved in equal steps.
   *
   * Throws when the exposure has neither a load balancer nor Service Connect, and when the steps last longer than CloudFormation waits.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-linear.html
   */
  public static linear(options: LinearDeploymentOptions = {}): Deployment {
    return new Deployment(linear(options));
  }

  /**
   * As blue/green, but a few clients are moved first, and the others when these have fared well.
   *
   * Throws when the exposure has neither a load balancer nor Service Connect, and when it lasts longer than CloudFormation waits.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/canary-deployment.html
   */
  public static canary(options: CanaryDeploymentOptions = {}): Deployment {
    return new Deployment(canary(options));
  }

  private constructor(private readonly binder: DeploymentBinder) {}

  /** @internal */
  public _bind(scope: Construct, service: DeployedService): DeploymentConfig {
    return this.binder(scope, service);
  }
}
