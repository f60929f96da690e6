import { AlpnPolicy, Protocol, SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { ClientAddress, NetworkPort, NetworkPortSettings } from './network-port';
import { checkSeconds } from '../../../private/check-duration';
import { checkObject, checkOneOf, hasMethods } from '../../../private/check-types';
import { checkInteger, reject } from '../../../private/validation';
import { checkCertificate } from '../http/https-identity-checks';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html */
export function checkNetworkPort(scope: IConstruct, property: string, each: NetworkPort): void {
  checkObject(scope, property, each._options, 'Give options in brackets, or nothing: NetworkPort.tcp(5432).');
  const settings = each._settings();
  checkInteger(scope, {
    property: `${property}.port`, value: settings.port, min: 1, max: 65535, fix: 'Give the port that clients connect to, e.g. NetworkPort.tcp(5432).',
  });
  checkTimes(scope, property, settings);
  checkClientAddress(scope, property, settings);
  checkTls(scope, property, settings);
  if (settings.healthCheck !== undefined) {
    if (!hasMethods(settings.healthCheck, '_check')) {
      reject(scope, {
        property: `${property}.healthCheck`, must: 'be a NetworkHealthCheck', got: settings.healthCheck,
        fix: 'Make one with brackets, e.g. NetworkHealthCheck.http(\'/health\').',
      });
    }
    settings.healthCheck._check(scope, `${property}.healthCheck`);
  }
}

function checkTimes(scope: IConstruct, property: string, { protocol, idleTimeout, deregistrationDelay }: NetworkPortSettings): void {
  checkSeconds(scope, {
    property: `${property}.deregistrationDelay`, value: deregistrationDelay, min: 0, max: 3600, fix: 'Give whole seconds, at most an hour.',
  });
  checkSeconds(scope, {
    property: `${property}.idleTimeout`, value: idleTimeout, min: 60, max: 6000, fix: 'Give whole seconds within these limits of load balancers.',
  });
  if (idleTimeout !== undefined && protocol !== Protocol.TCP) {
    reject(scope, {
      property: `${property}.idleTimeout`, must: 'be left out, because it can only be changed for TCP', got: protocol, fix: 'Use NetworkPort.tcp(…), or leave it out.',
    });
  }
}

function checkClientAddress(scope: IConstruct, property: string, { protocol, clientAddress }: NetworkPortSettings): void {
  if (clientAddress === undefined) {
    return;
  }
  checkOneOf(scope, clientAddress, Object.values(ClientAddress), {
    property: `${property}.clientAddress`, must: 'be a ClientAddress', fix: 'Use ClientAddress.PRESERVED or the like, or leave it out.',
  });
  if (protocol === Protocol.UDP || protocol === Protocol.TCP_UDP) {
    reject(scope, {
      property: `${property}.clientAddress`, must: 'be left out, because UDP always shows the address of the client', got: clientAddress, fix: 'Leave it out.',
    });
  }
}

function checkTls(scope: IConstruct, property: string, { protocol, certificate, sslPolicy, alpnPolicy }: NetworkPortSettings): void {
  if (protocol !== Protocol.TLS) {
    const [given] = Object.entries({ sslPolicy, alpnPolicy }).find(([, value]) => value !== undefined) ?? [];
    if (given !== undefined) {
      reject(scope, { property: `${property}.${given}`, must: 'be left out, because the port has no TLS', got: protocol, fix: 'Use NetworkPort.tls(443, certificate).' });
    }
    return;
  }
  checkCertificate(scope, `${property}.certificate`, certificate, 'Give an acm.Certificate; where the container decrypts, use NetworkPort.tcp(443).');
  if (sslPolicy !== undefined) {
    checkOneOf(scope, sslPolicy, Object.values(SslPolicy), {
      property: `${property}.sslPolicy`, must: 'be an SslPolicy', fix: 'Use elbv2.SslPolicy.RECOMMENDED_TLS or the like, or leave it out.',
    });
  }
  if (alpnPolicy !== undefined) {
    checkOneOf(scope, alpnPolicy, Object.values(AlpnPolicy), {
      property: `${property}.alpnPolicy`, must: 'be an AlpnPolicy', fix: 'Use elbv2.AlpnPolicy.HTTP2_PREFERRED or the like, or leave it out.',
    });
  }
}
