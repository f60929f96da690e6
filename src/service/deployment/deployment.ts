import { Construct } from 'constructs';
import { DeploymentConfig } from './deployment-config';
import { rolling } from './rolling';

/** How new tasks take the place of the old ones. */
export abstract class Deployment {
  /**
   * A few at a time; when the new tasks fail, the old ones come back.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
   */
  public static rolling(): Deployment {
    return new BoundDeployment(rolling());
  }

  /** @internal */
  public abstract _bind(scope: Construct): DeploymentConfig;
}

class BoundDeployment extends Deployment {
  constructor(private readonly binder: (scope: Construct) => DeploymentConfig) {
    super();
  }

  public _bind(scope: Construct): DeploymentConfig {
    return this.binder(scope);
  }
}
