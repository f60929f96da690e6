import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkOpenTo } from '../open-to';
import { SERVICE_CONNECT_NAMES } from './discovery-names';
import { ServiceConnectClientOptions, ServiceConnectOptions, ServiceConnectProtocol } from './service-connect-options';
import { checkSeconds } from '../../../private/check-duration';
import { checkObject, checkOneOf, hasMethods, isObject } from '../../../private/check-types';
import { checkSpelling } from '../../../private/spelling';
import { checkInteger, checkPattern, reject } from '../../../private/validation';

const DISCOVERY_NAME = /^[a-z0-9_][a-z0-9_-]{0,63}$/;
const NAME_RULE = 'lower-case letters, digits, "_" and "-", and not begin with "-"';
const MAX_SECONDS = 2147483647;

export function checkServiceConnectClient(scope: IConstruct, options: ServiceConnectClientOptions): void {
  checkObject(scope, 'exposure', options, 'Give options in brackets, or nothing: Exposure.serviceConnect().');
  checkSpelling(scope, 'exposure', options, SERVICE_CONNECT_NAMES);
  const { proxyLogGroup } = options;
  if (proxyLogGroup !== undefined && !hasMethods(proxyLogGroup, 'grantWrite')) {
    reject(scope, { property: 'exposure.proxyLogGroup', must: 'be a log group', got: proxyLogGroup, fix: 'Give a logs.LogGroup, or leave it out.' });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectService.html */
export function checkServiceConnect(scope: IConstruct, options: ServiceConnectOptions): void {
  checkServiceConnectClient(scope, options);
  checkOpenTo(scope, options.openTo);
  checkNames(scope, options);
  const { port, protocol, idleTimeout, perRequestTimeout, tls } = options;
  if (port !== undefined) {
    checkInteger(scope, { property: 'exposure.port', value: port, min: 1, max: 65535, fix: 'Give the port that clients connect to, or leave it out.' });
  }
  if (protocol !== undefined) {
    checkOneOf(scope, protocol, Object.values(ServiceConnectProtocol), {
      property: 'exposure.protocol', must: 'be a ServiceConnectProtocol', fix: 'Use ServiceConnectProtocol.HTTP or the like, or leave it out.',
    });
  }
  checkSeconds(scope, { property: 'exposure.idleTimeout', value: idleTimeout, min: 0, max: MAX_SECONDS, fix: 'Give whole seconds.' });
  checkSeconds(scope, { property: 'exposure.perRequestTimeout', value: perRequestTimeout, min: 0, max: MAX_SECONDS, fix: 'Give whole seconds.' });
  if (tls !== undefined) {
    checkTls(scope, tls);
  }
}

/** What is only there for requests. */
export function checkSpokenProtocol(scope: IConstruct, protocol: ServiceConnectProtocol, options: ServiceConnectOptions): void {
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
  checkPattern(scope, {
    property: 'containers', value: portName, pattern: /^[a-z0-9_][a-z0-9_-]{0,63}$/, must: `give the port a name that has up to 64 ${NAME_RULE}`,
    fix: 'Name the container that way, e.g. "web".',
  });
}

/** Whether a name is one for the namespace, too. */
export function isDiscoveryName(name: string | undefined): boolean {
  return name !== undefined && !Token.isUnresolved(name) && DISCOVERY_NAME.test(name);
}

function checkNames(scope: IConstruct, { dnsName, discoveryName, testHeader }: ServiceConnectOptions): void {
  if (dnsName !== undefined) {
    checkPattern(scope, {
      property: 'exposure.dnsName', value: dnsName, pattern: /^[a-z0-9_.][a-z0-9_.-]{0,126}$/,
      must: 'have up to 127 lower-case letters, digits, "_", "-" and ".", and not begin with "-"', fix: 'Choose a name such as "web" or "web.internal".',
    });
  }
  if (discoveryName !== undefined) {
    checkPattern(scope, {
      property: 'exposure.discoveryName', value: discoveryName, pattern: DISCOVERY_NAME, must: `have up to 64 ${NAME_RULE}`, fix: 'Choose a name such as "web".',
    });
  }
  if (testHeader !== undefined) {
    checkObject(scope, 'exposure.testHeader', testHeader, 'Write testHeader: { name: \'x-test\' }, or leave it out.');
    const { name, value } = testHeader;
    // https://www.rfc-editor.org/rfc/rfc9110#name-field-names
    checkPattern(scope, {
      property: 'exposure.testHeader.name', value: name, pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, must: 'be the name of a header', fix: 'Choose a name such as "x-test".',
    });
    if (value !== undefined) {
      checkPattern(scope, {
        property: 'exposure.testHeader.value', value, pattern: /^[\x20-\x7e]+$/, must: 'be a text on one line', fix: 'Give a value such as "yes", or leave it out for any.',
      });
    }
  }
}

function checkTls(scope: IConstruct, tls: unknown): void {
  const fix = 'Write tls: { certificateAuthority }, or leave it out.';
  checkObject(scope, 'exposure.tls', tls, fix);
  const { certificateAuthority, encryptionKey, role } = tls as Record<string, unknown>;
  if (!isObject(certificateAuthority) || typeof certificateAuthority.certificateAuthorityArn !== 'string') {
    reject(scope, {
      property: 'exposure.tls.certificateAuthority', must: 'be a private certificate authority', got: certificateAuthority,
      fix: 'Use acmpca.CertificateAuthority.fromCertificateAuthorityArn(…).',
    });
  }
  if (encryptionKey !== undefined && (!isObject(encryptionKey) || typeof encryptionKey.keyArn !== 'string')) {
    reject(scope, { property: 'exposure.tls.encryptionKey', must: 'be a key of KMS', got: encryptionKey, fix: 'Give a kms.Key, or leave it out.' });
  }
  if (role !== undefined && (!isObject(role) || typeof role.roleArn !== 'string')) {
    reject(scope, { property: 'exposure.tls.role', must: 'be a role', got: role, fix: 'Give an iam.Role, or leave it out.' });
  }
}
