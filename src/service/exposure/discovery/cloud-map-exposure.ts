import { Duration, Tokenization } from 'aws-cdk-lib';
import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';
import { Protocol } from 'aws-cdk-lib/aws-ecs';
import { DnsRecordType, INamespace, NamespaceType } from 'aws-cdk-lib/aws-servicediscovery';
import { IConstruct } from 'constructs';
import { ExposureBinder } from '../exposure-config';
import { CLOUD_MAP_NAMES } from './discovery-names';
import { claimNameIn } from './namespace-names';
import { namespaceOf } from './namespace-of';
import { checkSeconds } from '../../../private/check-duration';
import { checkObject, checkOneOf } from '../../../private/check-types';
import { checkSpelling } from '../../../private/spelling';
import { checkPattern, reject } from '../../../private/validation';
import { checkOpenTo, openTo } from '../open-to';
import { targetPort } from '../target-port';

/** How a service is found by DNS. */
export interface CloudMapExposureOptions {
  /** The name in the namespace: up to 127 characters, of the kind that DNS takes. */
  readonly name: string;

  /**
   * The namespace: one with DNS, private or public.
   *
   * @default - the namespace of the cluster
   */
  readonly namespace?: INamespace;

  /**
   * The container that answers.
   *
   * @default - the one container that has a port
   */
  readonly containerName?: string;

  /**
   * The port that its process listens on.
   *
   * @default - the only one
   */
  readonly containerPort?: number;

  /**
   * `A` records say the addresses of the tasks, `SRV` records the port too.
   *
   * @default DnsRecordType.A
   */
  readonly dnsRecordType?: DnsRecordType;

  /**
   * How long clients keep an answer, 0 to 2147483647 seconds.
   *
   * @default Duration.seconds(10) - so that clients soon forget a task that is gone
   */
  readonly dnsTtl?: Duration;

  /**
   * Who may connect to the tasks, usually other services.
   *
   * @default - nobody yet: use `service.connections.allowFrom(other, port)`
   */
  readonly openTo?: IConnectable[];
}

const MAX_SECONDS = 2147483647;
const LABEL = '(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,61}[A-Za-z0-9_]|[A-Za-z0-9])';

/** A DNS record for each task, and nothing in between. */
export function cloudMapExposure(options: CloudMapExposureOptions): ExposureBinder {
  return (scope, { service, vpc, ports, trafficShift }) => {
    validate(scope, options);
    const namespace = namespaceOf(scope, service, options.namespace);
    if (namespace.type === NamespaceType.HTTP) {
      reject(scope, {
        property: 'exposure.namespace', must: 'be one with DNS', got: namespace.type, fix: 'Use a servicediscovery.PrivateDnsNamespace, or Exposure.serviceConnect().',
      });
    }
    if (trafficShift !== undefined) {
      reject(scope, {
        property: 'exposure', must: 'move clients from one version to the other, as the deployment wants', got: 'Cloud Map, which cannot',
        fix: 'Use Exposure.serviceConnect(), or Deployment.rolling().',
      });
    }
    if (service.cloudMapService !== undefined) {
      reject(scope, { property: 'exposure', must: 'have Cloud Map once, because ECS registers a service once', got: 'a second time', fix: 'Keep one of the two.' });
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

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html */
function validate(scope: IConstruct, options: CloudMapExposureOptions): void {
  checkObject(scope, 'exposure', options, 'Give at least a name: Exposure.cloudMap({ name: \'web\' }).');
  checkSpelling(scope, 'exposure', options, CLOUD_MAP_NAMES);
  checkPattern(scope, {
    property: 'exposure.name', value: options.name, pattern: new RegExp(`^(?=.{1,127}$)${LABEL}(?:\\.${LABEL})*$`),
    must: 'be a name of up to 127 characters that DNS takes', fix: 'Choose a name such as "web".',
  });
  if (options.dnsRecordType !== undefined) {
    checkOneOf(scope, options.dnsRecordType, [DnsRecordType.A, DnsRecordType.SRV], {
      property: 'exposure.dnsRecordType', must: 'be A or SRV, the only ones that ECS registers', fix: 'Use DnsRecordType.A, or leave it out.',
    });
  }
  checkSeconds(scope, { property: 'exposure.dnsTtl', value: options.dnsTtl, min: 0, max: MAX_SECONDS, fix: 'Give whole seconds.' });
  checkOpenTo(scope, options.openTo);
}
