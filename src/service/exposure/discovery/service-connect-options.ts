import { Duration } from 'aws-cdk-lib';
import { ICertificateAuthority } from 'aws-cdk-lib/aws-acmpca';
import { IConnectable } from 'aws-cdk-lib/aws-ec2';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { INamespace } from 'aws-cdk-lib/aws-servicediscovery';

/** What a service speaks to those that call it through Service Connect. */
export enum ServiceConnectProtocol {
  /** HTTP/1.1. */
  HTTP = 'http',

  /** HTTP/2. */
  HTTP2 = 'http2',

  /** gRPC. */
  GRPC = 'grpc',

  /** Anything else over TCP. */
  TCP = 'tcp',
}

/** How the connections between two tasks are encrypted. The processes in the containers go on without TLS. */
export interface ServiceConnectTls {
  /**
   * The private authority that issues the certificates. The role of ECS may use it when it has the tag `AmazonECSManaged` with the value `true`.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-tls.html
   */
  readonly certificateAuthority: ICertificateAuthority;

  /**
   * What encrypts the private keys in Secrets Manager.
   *
   * @default - the key that AWS manages
   */
  readonly encryptionKey?: IKey;

  /**
   * The role with which ECS gets certificates.
   *
   * @default - one of its own
   */
  readonly role?: IRole;
}

/** The header of a request that reaches the new version before clients do. */
export interface ServiceConnectTestHeader {
  /** Its name, e.g. "x-test". */
  readonly name: string;

  /**
   * Its value.
   *
   * @default - any
   */
  readonly value?: string;
}

/** How a service calls others through Service Connect. */
export interface ServiceConnectClientOptions {
  /**
   * Where services find each other.
   *
   * @default - the namespace of the cluster
   */
  readonly namespace?: INamespace;

  /**
   * Where the proxy beside the containers writes its log.
   *
   * @default - nowhere
   */
  readonly proxyLogGroup?: ILogGroup;
}

/** How a service is called by others through Service Connect. */
export interface ServiceConnectOptions extends ServiceConnectClientOptions {
  /**
   * The container that answers.
   *
   * @default - the one container that has a TCP port
   */
  readonly containerName?: string;

  /**
   * The port that its process listens on.
   *
   * @default - the only one
   */
  readonly containerPort?: number;

  /**
   * The name that clients connect to: up to 127 lower-case letters, digits, "_", "-" and ".", not beginning with "-".
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
   * The name in the namespace, which no other service may have: up to 64 lower-case letters, digits, "_" and "-", not beginning with "-".
   *
   * @default - `dnsName`, where that is such a name; else the name of the port in the task definition, which is that of the container
   */
  readonly discoveryName?: string;

  /**
   * What the service speaks. With `TCP` there are no retries, no metrics of requests, and no header for tests.
   *
   * ECS changes this only of a service that is created anew.
   *
   * @default ServiceConnectProtocol.HTTP - or what the port of the container says
   */
  readonly protocol?: ServiceConnectProtocol;

  /**
   * How long a connection may be silent. 0 is for ever.
   *
   * @default - 5 minutes; an hour for TCP
   */
  readonly idleTimeout?: Duration;

  /**
   * How long an answer may take. 0 is for ever. Not for TCP.
   *
   * @default Duration.seconds(15)
   */
  readonly perRequestTimeout?: Duration;

  /**
   * Encrypts the connections between tasks.
   *
   * @default - they are not encrypted
   */
  readonly tls?: ServiceConnectTls;

  /**
   * The header of a request that reaches the new version first, while a deployment moves clients to it.
   *
   * @default - "x-amzn-ecs-blue-green-test"
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html
   */
  readonly testHeader?: ServiceConnectTestHeader;

  /**
   * Who may connect to the tasks, usually other services.
   *
   * @default - nobody yet: use `service.connections.allowFrom(other, port)`
   */
  readonly openTo?: IConnectable[];
}
