import { Duration, Token } from 'aws-cdk-lib';
import { ICertificateAuthority } from 'aws-cdk-lib/aws-acmpca';
import { IConnectable } from 'aws-cdk-lib/aws-ec2';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { IConstruct } from 'constructs';
import { NAMESPACE } from './namespace';
import { checkValue, DurationRule, Rules, Shape, TextRule } from '../../../private/shape';
import { reject } from '../../../private/validation';
import { OPEN_TO } from '../open-to';

/** The application protocol of a service in Service Connect. */
export enum ServiceConnectProtocol {
  /** HTTP/1.1. */
  HTTP = 'http',

  /** HTTP/2. */
  HTTP2 = 'http2',

  /** gRPC. */
  GRPC = 'grpc',

  /** Any other protocol over TCP. */
  TCP = 'tcp',
}

/** TLS between the proxies of two tasks. Containers and their proxy communicate without TLS. */
export interface ServiceConnectTls {
  /**
   * The private certificate authority that issues the certificates. It needs the tag `AmazonECSManaged` with the value `true`, so that ECS may use it.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-tls.html
   */
  readonly certificateAuthority: ICertificateAuthority;

  /**
   * The KMS key that encrypts the private keys in Secrets Manager.
   *
   * @default - the AWS managed key
   */
  readonly encryptionKey?: IKey;

  /**
   * The role with which ECS requests certificates.
   *
   * @default - a new role
   */
  readonly role?: IRole;
}

/** The header of test requests, which reach the new version before production traffic does. */
export interface ServiceConnectTestHeader {
  /** The name of the header, e.g. "x-test". */
  readonly name: string;

  /**
   * The value of the header.
   *
   * @default - any value
   */
  readonly value?: string;
}

/** Options of a Service Connect client. */
export interface ServiceConnectClientOptions {
  /**
   * The namespace in which services find each other.
   *
   * @default - the namespace of the cluster
   */
  readonly namespace?: INamespace;

  /**
   * The log group of the proxy.
   *
   * @default - the proxy writes no log
   */
  readonly proxyLogGroup?: ILogGroup;
}

/** Options of a service in Service Connect. */
export interface ServiceConnectOptions extends ServiceConnectClientOptions {
  /**
   * The name of the container that clients connect to.
   *
   * @default - the only container with a TCP port
   */
  readonly containerName?: string;

  /**
   * The port that the container listens on.
   *
   * @default - the only port of the container
   */
  readonly containerPort?: number;

  /**
   * The DNS name that clients connect to: up to 127 lower-case letters, digits, "_", "-" and ".", not starting with "-".
   *
   * @default - `<discovery name>.<namespace>`
   */
  readonly dnsName?: string;

  /**
   * The port that clients connect to, 1 to 65535.
   *
   * @default - the port of the container
   */
  readonly port?: number;

  /**
   * The unique name in the namespace: up to 64 lower-case letters, digits, "_" and "-", not starting with "-".
   *
   * @default - `dnsName` if it is a valid discovery name, otherwise the name of the port in the task definition, which is the name of the container
   */
  readonly discoveryName?: string;

  /**
   * The application protocol. `TCP` has no retries, no request metrics and no test header.
   *
   * ECS cannot change it for an existing service.
   *
   * @default ServiceConnectProtocol.HTTP - or the protocol of the container port
   */
  readonly protocol?: ServiceConnectProtocol;

  /**
   * The time after which an idle connection is closed. 0 disables the timeout.
   *
   * @default - 5 minutes; an hour for TCP
   */
  readonly idleTimeout?: Duration;

  /**
   * The time after which a request fails. 0 disables the timeout. Not for TCP.
   *
   * @default Duration.seconds(15)
   */
  readonly perRequestTimeout?: Duration;

  /**
   * TLS between tasks.
   *
   * @default - no TLS
   */
  readonly tls?: ServiceConnectTls;

  /**
   * The header of test requests during a deployment that shifts traffic.
   *
   * @default - "x-amzn-ecs-blue-green-test"
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html
   */
  readonly testHeader?: ServiceConnectTestHeader;

  /**
   * The clients that may connect to the tasks, usually other services.
   *
   * @default - nobody; you can also call `service.connections.allowFrom(other, port)`
   */
  readonly openTo?: IConnectable[];
}

const DISCOVERY_NAME = /^[a-z0-9_][a-z0-9_-]{0,63}$/;
const NAME_RULE = 'lower-case letters, digits, "_" and "-", and not begin with "-"';
const TIMEOUT: DurationRule = { kind: 'duration', unit: 'seconds', max: 2_147_483_647, fix: 'Give whole seconds.' };
const DISCOVERY: TextRule = { kind: 'text', pattern: DISCOVERY_NAME, must: `have up to 64 ${NAME_RULE}`, fix: 'Choose a name such as "web".' };

export const TLS = new Shape<ServiceConnectTls>('Write tls: { certificateAuthority }, or leave it out.', {
  certificateAuthority: {
    kind: 'instance', properties: ['certificateAuthorityArn'], must: 'be a private certificate authority', required: true,
    fix: 'Use acmpca.CertificateAuthority.fromCertificateAuthorityArn(…).',
  },
  encryptionKey: { kind: 'instance', same: ['region'], properties: ['keyArn'], must: 'be a KMS key', fix: 'Give a kms.Key, or leave it out.' },
  role: { kind: 'instance', same: ['account'], properties: ['roleArn'], must: 'be a role', fix: 'Give an iam.Role, or leave it out.' },
}, {
  awsPcaAuthorityArn: 'Write certificateAuthority: acmpca.CertificateAuthority.fromCertificateAuthorityArn(…).',
  kmsKey: 'Write encryptionKey.',
});

export const TEST_HEADER = new Shape<ServiceConnectTestHeader>('Write testHeader: { name: \'x-test\' }, or leave it out.', {
  // https://www.rfc-editor.org/rfc/rfc9110#name-field-names
  name: {
    kind: 'text', pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, must: 'be the name of a header', required: true, fix: 'Choose a name such as "x-test".',
  },
  value: { kind: 'text', pattern: /^[\x20-\x7e]+$/, must: 'be a string on one line', fix: 'Give a value such as "yes", or leave it out for any value.' },
});

const CLIENT: Rules<ServiceConnectClientOptions> = {
  namespace: NAMESPACE,
  proxyLogGroup: { kind: 'instance', same: ['account'], methods: ['grantWrite'], must: 'be a log group', fix: 'Give a logs.LogGroup, or leave it out.' },
};
const LOG_DRIVER = 'Write proxyLogGroup: logGroup.';
const ONLY_SERVER = 'Only Exposure.serviceConnect has it: a client has no name and no port.';

export const SERVICE_CONNECT_CLIENT = new Shape<ServiceConnectClientOptions>(
  'Write options in braces, or nothing: Exposure.serviceConnectClient().', CLIENT, {
    logDriver: LOG_DRIVER,
    dnsName: ONLY_SERVER,
    discoveryName: ONLY_SERVER,
    port: ONLY_SERVER,
    protocol: ONLY_SERVER,
    tls: ONLY_SERVER,
    openTo: ONLY_SERVER,
  });

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html */
export const SERVICE_CONNECT = new Shape<ServiceConnectOptions>('Write options in braces, or nothing: Exposure.serviceConnect().', {
  ...CLIENT,
  containerName: { kind: 'text', fix: 'Use the name of a container.' },
  containerPort: { kind: 'integer', min: 1, max: 65535, fix: 'Use a port of the container.' },
  dnsName: {
    kind: 'text', pattern: /^[a-z0-9_.][a-z0-9_.-]{0,126}$/, must: 'have up to 127 lower-case letters, digits, "_", "-" and ".", and not begin with "-"',
    fix: 'Choose a name such as "web" or "web.internal".',
  },
  port: { kind: 'integer', min: 1, max: 65535, fix: 'Give the port that clients connect to, or leave it out.' },
  discoveryName: DISCOVERY,
  protocol: {
    kind: 'enum', values: Object.values(ServiceConnectProtocol), must: 'be a ServiceConnectProtocol',
    fix: 'Use one such as ServiceConnectProtocol.HTTP, or leave it out.',
  },
  idleTimeout: TIMEOUT,
  perRequestTimeout: TIMEOUT,
  tls: { kind: 'struct', shape: TLS },
  testHeader: { kind: 'struct', shape: TEST_HEADER },
  openTo: OPEN_TO,
}, {
  logDriver: LOG_DRIVER,
  portMappingName: 'Write containerName, and containerPort if the container has several ports.',
  services: 'Write the options of the service here: a service has one name.',
  name: 'Write dnsName or discoveryName.',
  ingressPortOverride: 'Leave it out: the proxy chooses its port.',
});

/** Rejects options for requests with TCP, which has no requests. */
export function checkRequestOptions(scope: IConstruct, protocol: ServiceConnectProtocol, options: ServiceConnectOptions): void {
  const { perRequestTimeout, testHeader } = options;
  const [given] = Object.entries({ perRequestTimeout, testHeader }).find(([, value]) => value !== undefined) ?? [];
  if (protocol === ServiceConnectProtocol.TCP && given !== undefined) {
    reject(scope, {
      property: `exposure.${given}`, must: 'be left out, because TCP has no requests', got: protocol, fix: 'Use ServiceConnectProtocol.HTTP, HTTP2 or GRPC, or leave it out.',
    });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html */
export function checkPortName(scope: IConstruct, portName: string): void {
  checkValue(scope, 'containers', portName, {
    kind: 'text', pattern: DISCOVERY_NAME, must: `give the port a name that has up to 64 ${NAME_RULE}`, fix: 'Name the container that way, e.g. "web".',
  });
}

/** Whether a DNS name is also a valid discovery name. */
export function isDiscoveryName(name: string | undefined): boolean {
  return name !== undefined && !Token.isUnresolved(name) && DISCOVERY_NAME.test(name);
}
