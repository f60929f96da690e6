import { BaseServiceOptions, CfnService } from 'aws-cdk-lib/aws-ecs';
import { TrafficShift } from './traffic-shift';

/** What a deployment says about the service. */
export interface DeploymentConfig {
  /** What the L2 has a property for. */
  readonly serviceProps: Partial<BaseServiceOptions>;

  /** Set where both versions run side by side and clients are moved from one to the other. */
  readonly trafficShift?: TrafficShift;

  /** What the L2 has no property for. */
  readonly complete?: (service: CfnService) => void;
}
