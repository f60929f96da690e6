import { BaseService, BaseServiceOptions, CfnService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { DeploymentAlarms } from './deployment-alarms';
import { TrafficShift } from '../exposure/exposure-config';

// This folder depends only on the folder of exposures, for `TrafficShift`, and on no other folder of the service.

/** The part of a service that a deployment strategy sets. */
export interface DeploymentConfig {
  /** Properties of the L2. */
  readonly serviceProps: Partial<BaseServiceOptions>;

  /** Set if both versions run side by side and traffic shifts from one to the other. */
  readonly trafficShift?: TrafficShift;

  /** Whether the service keeps a second target group without shifting traffic. */
  readonly keepAlternateTargetGroup?: boolean;

  /** The alarms that roll a deployment back. More can be added until synthesis. */
  readonly alarms: DeploymentAlarms;

  /** Sets properties that the L2 does not support. */
  readonly complete: (service: CfnService) => void;

  /** Throws if the strategy does not work with the exposure of the service. */
  readonly checkExposed: (service: BaseService) => void;
}

/** The properties of a service that a deployment strategy has to fit. */
export interface DeployedService {
  /** The containers of each task. */
  readonly containers: { readonly [name: string]: { readonly healthCheck?: unknown } };

  /**
   * The number of tasks.
   *
   * @default 1; with `scaling` its minimum
   */
  readonly desiredCount?: number;

  /**
   * The limits of auto scaling.
   *
   * @default - no auto scaling
   */
  readonly scaling?: { readonly minTasks: number; readonly maxTasks: number };

  /**
   * Whether each instance runs one task.
   *
   * @default false
   */
  readonly isDaemon?: boolean;
}

/** Applies a deployment strategy. The scope belongs to the deployment alone. */
export type DeploymentBinder = (scope: Construct, service: DeployedService) => DeploymentConfig;
