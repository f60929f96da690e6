import type { CloudMapExposureOptions } from './cloud-map-exposure';
import type { ServiceConnectOptions } from './service-connect-options';
import { NamesOf } from '../../../private/spelling';

/** The options of Service Connect. */
export const SERVICE_CONNECT_NAMES: NamesOf<ServiceConnectOptions> = {
  containerName: true, containerPort: true, dnsName: true, port: true, discoveryName: true, protocol: true, idleTimeout: true,
  perRequestTimeout: true, tls: true, testHeader: true, openTo: true, namespace: true, proxyLogGroup: true,
};

/** The options of Cloud Map. */
export const CLOUD_MAP_NAMES: NamesOf<CloudMapExposureOptions> = {
  name: true, namespace: true, containerName: true, containerPort: true, dnsRecordType: true, dnsTtl: true, openTo: true,
};
