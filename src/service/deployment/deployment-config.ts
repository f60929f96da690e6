import { BaseService, BaseServiceOptions, CfnService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { DeploymentAlarms } from './deployment-alarms';
import { TrafficShift } from './traffic-shift';
import type { ContainerServiceProps } from '../container-service-props';

/** What a deployment says about the service. */
export interface DeploymentConfig {
  /** What the L2 has a property for. */
  readonly serviceProps: Partial<BaseServiceOptions>;

  /** Set where both versions run side by side and clients are moved from one to the other. */
  readonly trafficShift?: TrafficShift;

  /** Which alarms send it back. More may come until synthesis. */
  readonly alarms: DeploymentAlarms;

  /** What the L2 has no property for. */
  readonly complete: (service: CfnService) => void;

  /** Throws when the service is reached in a way in which it cannot be deployed like this. */
  readonly checkExposed: (service: BaseService) => void;
}

/** What a deployment has to fit. */
export interface DeployedService extends Pick<ContainerServiceProps, 'containers' | 'desiredCount' | 'scaling'> {
  /**
   * Whether each instance runs one task.
   *
   * @default false
   */
  readonly isDaemon?: boolean;
}

/** How one kind of deployment does what `Deployment` promises, on a scope of its own. */
export type DeploymentBinder = (scope: Construct, service: DeployedService) => DeploymentConfig;
