import { Duration, Tokenization } from 'aws-cdk-lib';
import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';
import { Protocol } from 'aws-cdk-lib/aws-ecs';
import { DnsRecordType, INamespace, NamespaceType } from 'aws-cdk-lib/aws-servicediscovery';
import { claimNameIn, NAMESPACE, namespaceOf } from './namespace';
import { Shape } from '../../../private/shape';
import { reject } from '../../../private/validation';
import { ExposureBinder } from '../exposure-config';
import { OPEN_TO, openTo } from '../open-to';
import { targetPort } from '../target-port';

/** Options of a DNS name in Cloud Map. */
export interface CloudMapOptions {
  /** The name in the namespace: up to 127 characters of a valid DNS name. */
  readonly name: string;

  /**
   * A private or public DNS namespace.
   *
   * @default - the namespace of the cluster
   */
  readonly namespace?: INamespace;

  /**
   * The name of the container that clients connect to.
   *
   * @default - the only container with a port
   */
  readonly containerName?: string;

  /**
   * The port that the container listens on.
   *
   * @default - the only port of the container
   */
  readonly containerPort?: number;

  /**
   * The type of the DNS records. `A` records contain the IP addresses of the tasks, `SRV` records also the port.
   *
   * @default DnsRecordType.A
   */
  readonly dnsRecordType?: DnsRecordType;

  /**
   * How long clients cache a record, 0 to 2147483647 seconds.
   *
   * @default Duration.seconds(10) - so that clients soon stop using a stopped task
   */
  readonly dnsTtl?: Duration;

  /**
   * The clients that may connect to the tasks, usually other services.
   *
   * @default - nobody; you can also call `service.connections.allowFrom(other, port)`
   */
  readonly openTo?: IConnectable[];
}

const LABEL = '(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,61}[A-Za-z0-9_]|[A-Za-z0-9])';

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html */
export const CLOUD_MAP = new Shape<CloudMapOptions>('Write at least a name: Exposure.cloudMap({ name: \'web\' }).', {
  name: {
    kind: 'text', pattern: new RegExp(`^(?=.{1,127}$)${LABEL}(?:\\.${LABEL})*$`), required: true,
    must: 'be a valid DNS name of up to 127 characters', fix: 'Choose a name such as "web".',
  },
  namespace: NAMESPACE,
  containerName: { kind: 'text', fix: 'Use the name of a container.' },
  containerPort: { kind: 'integer', min: 1, max: 65535, fix: 'Use a port of the container.' },
  dnsRecordType: {
    kind: 'enum', values: [DnsRecordType.A, DnsRecordType.SRV], must: 'be A or SRV, the only types that ECS registers', fix: 'Use DnsRecordType.A, or leave it out.',
  },
  dnsTtl: { kind: 'duration', unit: 'seconds', max: 2_147_483_647, fix: 'Give whole seconds.' },
  openTo: OPEN_TO,
}, {
  cloudMapNamespace: 'Write namespace.',
  container: 'Write containerName.',
  port: 'Write containerPort: clients connect to the container directly.',
  dnsName: 'Write name.',
  discoveryName: 'Write name.',
  failureThreshold: 'Leave it out: ECS reports the health of the tasks.',
  protocol: 'Only Exposure.serviceConnect has it.',
  tls: 'Only Exposure.serviceConnect has it.',
});

/** A DNS record for each task. */
export function cloudMapExposure(options: CloudMapOptions): ExposureBinder {
  return (scope, { service, vpc, ports, trafficShift }) => {
    CLOUD_MAP.check(scope, 'exposure', options);
    const namespace = namespaceOf(scope, service, options.namespace);
    if (namespace.type === NamespaceType.HTTP) {
      reject(scope, {
        property: 'exposure.namespace', must: 'be a DNS namespace', got: namespace.type,
        fix: 'Use a servicediscovery.PrivateDnsNamespace, or Exposure.serviceConnect().',
      });
    }
    if (trafficShift !== undefined) {
      reject(scope, {
        property: 'exposure', must: 'be able to shift traffic, because the deployment does', got: 'Cloud Map', fix: 'Use Exposure.serviceConnect(), or Deployment.rolling().',
      });
    }
    if (service.cloudMapService !== undefined) {
      reject(scope, { property: 'exposure', must: 'use Cloud Map once, because ECS registers a service once', got: 'a second time', fix: 'Keep one of the two.' });
    }
    const { name, containerName, containerPort, dnsTtl, dnsRecordType = DnsRecordType.A, openTo: clients = [] } = options;
    const target = targetPort(scope, ports, { property: 'exposure', containerName, containerPort, protocols: [Protocol.TCP, Protocol.UDP] });
    claimNameIn(namespace, scope, { property: 'exposure.name', name });
    service.enableCloudMap({
      name,
      cloudMapNamespace: namespace,
      dnsRecordType: dnsRecordType as DnsRecordType.A | DnsRecordType.SRV,
      dnsTtl: dnsTtl ?? Duration.seconds(10),
      container: service.taskDefinition.findContainer(target.containerName),
      containerPort: target.port,
    });
    const port = target.protocol === Protocol.UDP ? Port.udp(target.port) : Port.tcp(target.port);
    openTo(service, clients, port, 'Clients that know the name', { service, vpc });
    const host = `${name}.${namespace.namespaceName}`;
    return { endpoint: dnsRecordType === DnsRecordType.SRV ? host : `${host}:${Tokenization.stringifyNumber(target.port)}` };
  };
}
