import type { PublicNetworkExposureOptions } from './network-exposure-options';
import { NamesOf } from '../../../private/spelling';

/** The options of network exposures with a load balancer of their own. */
export const NETWORK_NAMES: NamesOf<PublicNetworkExposureOptions> = {
  elasticIps: true, ports: true, openTo: true, testOpenTo: true, crossZone: true, vpcSubnets: true, accessLogs: true, deletionProtection: true,
};
