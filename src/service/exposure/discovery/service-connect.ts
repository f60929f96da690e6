import { Token, Tokenization } from 'aws-cdk-lib';
import { Port } from 'aws-cdk-lib/aws-ec2';
import { AppProtocol, BaseService, CfnService, LogDriver, LogDrivers, Protocol, ServiceConnectTlsConfiguration } from 'aws-cdk-lib/aws-ecs';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { claimNameIn, namespaceOf } from './namespace';
import {
  checkPortName, checkRequestOptions, isDiscoveryName, SERVICE_CONNECT, SERVICE_CONNECT_CLIENT, ServiceConnectClientOptions, ServiceConnectOptions,
  ServiceConnectProtocol, ServiceConnectTls,
} from './service-connect-options';
import { reject } from '../../../private/validation';
import { ContainerPort, ExposureBinder } from '../exposure-config';
import { openTo } from '../open-to';
import { targetPort } from '../target-port';

/** The services that already use Service Connect. The L2 does not expose it. */
const CONNECTED = new WeakSet<BaseService>();

/** A service that other services call by name, and that can call others. */
export function serviceConnect(options: ServiceConnectOptions): ExposureBinder {
  return (scope, { service, vpc, ports }) => {
    SERVICE_CONNECT.check(scope, 'exposure', options);
    const namespace = namespaceOf(scope, service, options.namespace);
    const { containerName, containerPort, openTo: clients = [] } = options;
    const target = targetPort(scope, ports, { property: 'exposure', containerName, containerPort, protocols: [Protocol.TCP] });
    checkPortName(scope, target.portName);
    const protocol = setProtocol(scope, service, target, options.protocol);
    checkRequestOptions(scope, protocol, options);
    connectOnce(scope, service);
    // The default is not the name of the container alone, which is often the same in all services.
    const { discoveryName = isDiscoveryName(options.dnsName) ? options.dnsName : undefined } = options;
    claimNameIn(namespace, scope, { property: 'exposure.discoveryName', name: discoveryName ?? target.portName });
    service.enableServiceConnect({
      // The ARN, so that CloudFormation creates the namespace first.
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

/** A service that calls other services by name. */
export function serviceConnectClient(options: ServiceConnectClientOptions): ExposureBinder {
  return (scope, { service }) => {
    SERVICE_CONNECT_CLIENT.check(scope, 'exposure', options);
    const namespace = namespaceOf(scope, service, options.namespace);
    connectOnce(scope, service);
    service.enableServiceConnect({ namespace: namespace.namespaceArn, logDriver: proxyLogs(options) });
    return {};
  };
}

/** The log driver of the proxy. It requires an existing log group: a log group that the driver creates below the service would cause a cycle. */
function proxyLogs({ proxyLogGroup: logGroup }: ServiceConnectClientOptions): LogDriver | undefined {
  return logGroup && LogDrivers.awsLogs({ logGroup, streamPrefix: 'service-connect' });
}

function connectOnce(scope: IConstruct, service: BaseService): void {
  if (CONNECTED.has(service)) {
    reject(scope, {
      property: 'exposure', must: 'use Service Connect once', got: 'a second time', fix: 'Keep Exposure.serviceConnect(), which is also a client.',
    });
  }
  CONNECTED.add(service);
}

/** The endpoint for clients. It has no TLS, because the proxies encrypt and decrypt the traffic. */
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

/** Sets the test header and numbers that are tokens. The L2 supports neither. */
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

const APP_PROTOCOLS = {
  [ServiceConnectProtocol.HTTP]: AppProtocol.http,
  [ServiceConnectProtocol.HTTP2]: AppProtocol.http2,
  [ServiceConnectProtocol.GRPC]: AppProtocol.grpc,
  [ServiceConnectProtocol.TCP]: undefined,
};

/** Sets the application protocol of the port in the task definition, unless it is already set. */
function setProtocol(
  scope: IConstruct, service: BaseService, { containerName, portName }: ContainerPort, wanted?: ServiceConnectProtocol,
): ServiceConnectProtocol {
  const mappings = service.taskDefinition.findContainer(containerName)?.portMappings ?? [];
  const index = mappings.findIndex(({ name }) => name === portName);
  if (index < 0) {
    reject(scope, {
      property: 'containers', must: 'have a port with that name in the task definition', got: portName, fix: 'Give the port mapping that name.',
    });
  }
  const { appProtocol } = mappings[index];
  const said = Object.values(ServiceConnectProtocol).find(each => APP_PROTOCOLS[each]?.value === appProtocol?.value);
  if (appProtocol !== undefined && wanted !== undefined && wanted !== said) {
    reject(scope, {
      property: 'exposure.protocol', must: `be "${appProtocol.value}", the protocol of the container port`, got: wanted, fix: 'Leave it out, or change the port.',
    });
  }
  const protocol = wanted ?? (appProtocol === undefined ? undefined : said) ?? ServiceConnectProtocol.HTTP;
  // The properties of a mapping are read-only, but the list is not. It is rendered at synthesis.
  mappings[index] = { ...mappings[index], appProtocol: appProtocol ?? APP_PROTOCOLS[protocol] };
  return protocol;
}
