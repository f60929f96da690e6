import { Token, Tokenization } from 'aws-cdk-lib';
import { Port } from 'aws-cdk-lib/aws-ec2';
import { BaseService, CfnService, LogDriver, LogDrivers, Protocol, ServiceConnectTlsConfiguration } from 'aws-cdk-lib/aws-ecs';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { ExposureBinder } from '../exposure-config';
import { claimNameIn } from './namespace-names';
import { namespaceOf } from './namespace-of';
import { openTo } from '../open-to';
import { checkPortName, checkServiceConnect, checkServiceConnectClient, checkSpokenProtocol, isDiscoveryName } from './service-connect-checks';
import { ServiceConnectClientOptions, ServiceConnectOptions, ServiceConnectProtocol, ServiceConnectTls } from './service-connect-options';
import { speak } from './service-connect-protocol';
import { reject } from '../../../private/validation';
import { targetPort } from '../target-port';

/** The services that have it already: the L2 does not say. */
const CONNECTED = new WeakSet<BaseService>();

/** A service that others call by name, and that calls others. */
export function serviceConnect(options: ServiceConnectOptions): ExposureBinder {
  return (scope, { service, vpc, ports }) => {
    checkServiceConnect(scope, options);
    const namespace = namespaceOf(scope, service, options.namespace);
    const { containerName, containerPort, openTo: clients = [] } = options;
    const target = targetPort(scope, ports, { property: 'exposure', containerName, containerPort, protocols: [Protocol.TCP] });
    checkPortName(scope, target.portName);
    const protocol = speak(scope, service, target, options.protocol);
    checkSpokenProtocol(scope, protocol, options);
    connectOnce(scope, service);
    // Often the containers of all services have one name, and this is what tells the services apart.
    const { discoveryName = isDiscoveryName(options.dnsName) ? options.dnsName : undefined } = options;
    claimNameIn(namespace, scope, { property: 'exposure.discoveryName', name: discoveryName ?? target.portName });
    service.enableServiceConnect({
      // By its ARN, so that CloudFormation makes the namespace first.
      namespace: namespace.namespaceArn,
      logDriver: proxyLogs(options),
      services: [{
        portMappingName: target.portName,
        discoveryName,
        dnsName: options.dnsName,
        port: Token.isUnresolved(options.port) ? undefined : options.port,
        idleTimeout: options.idleTimeout?.isUnresolved() ? undefined : options.idleTimeout,
        perRequestTimeout: options.perRequestTimeout?.isUnresolved() ? undefined : options.perRequestTimeout,
        tls: options.tls && encryption(scope, service, options.tls),
      }],
    });
    complete(service, options);
    openTo(service, clients, Port.tcp(target.port), 'Clients of Service Connect', { service, vpc });
    const name = options.dnsName ?? `${discoveryName ?? target.portName}.${namespace.namespaceName}`;
    return { endpoint: endpointOf(protocol, name, options.port ?? target.port) };
  };
}

/** A service that calls others by name. */
export function serviceConnectClient(options: ServiceConnectClientOptions): ExposureBinder {
  return (scope, { service }) => {
    checkServiceConnectClient(scope, options);
    const namespace = namespaceOf(scope, service, options.namespace);
    connectOnce(scope, service);
    service.enableServiceConnect({ namespace: namespace.namespaceArn, logDriver: proxyLogs(options) });
    return {};
  };
}

/** Into a group that is there: one that the driver makes inside of the service would wait for what waits for it. */
function proxyLogs({ proxyLogGroup: logGroup }: ServiceConnectClientOptions): LogDriver | undefined {
  return logGroup && LogDrivers.awsLogs({ logGroup, streamPrefix: 'service-connect' });
}

function connectOnce(scope: IConstruct, service: BaseService): void {
  if (CONNECTED.has(service)) {
    reject(scope, {
      property: 'exposure', must: 'have Service Connect once', got: 'a second time', fix: 'Keep Exposure.serviceConnect(), with which a service calls others too.',
    });
  }
  CONNECTED.add(service);
}

/** As a client writes it: without TLS, which begins and ends in the proxies. */
function endpointOf(protocol: ServiceConnectProtocol, name: string, port: number): string {
  const hasUrl = protocol === ServiceConnectProtocol.HTTP || protocol === ServiceConnectProtocol.HTTP2;
  return `${hasUrl ? 'http://' : ''}${name}:${Tokenization.stringifyNumber(port)}`;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-tls.html */
function encryption(scope: Construct, service: BaseService, tls: ServiceConnectTls): ServiceConnectTlsConfiguration {
  const { certificateAuthority, encryptionKey, role } = tls;
  const issuer = role ?? new Role(scope, 'TlsRole', {
    assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
    managedPolicies: [
      ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity'),
    ],
  });
  const grant = encryptionKey?.grant(issuer, 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyPair');
  grant?.applyBefore(service);
  return { awsPcaAuthorityArn: certificateAuthority.certificateAuthorityArn, kmsKey: encryptionKey, role: issuer };
}

/** The L2 has no property for the header, and takes no tokens for numbers. */
function complete(service: BaseService, { port, idleTimeout, perRequestTimeout, testHeader }: ServiceConnectOptions): void {
  const override = (key: string, value: unknown) =>
    (service.node.defaultChild as CfnService).addPropertyOverride(`ServiceConnectConfiguration.Services.0.${key}`, value);
  if (Token.isUnresolved(port)) {
    override('ClientAliases.0.Port', port);
  }
  if (idleTimeout?.isUnresolved()) {
    override('Timeout.IdleTimeoutSeconds', idleTimeout.toSeconds());
  }
  if (perRequestTimeout?.isUnresolved()) {
    override('Timeout.PerRequestTimeoutSeconds', perRequestTimeout.toSeconds());
  }
  if (testHeader !== undefined) {
    const { name, value } = testHeader;
    override('ClientAliases.0.TestTrafficRules', { Header: { Name: name, ...value === undefined ? {} : { Value: { Exact: value } } } });
  }
}
