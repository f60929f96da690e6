import { SslPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpsExposureOptions } from './http-exposure-options';
import { checkCertificate } from './https-identity-checks';
import { ServerIdentity } from './https-server-identity';
import { checkList, checkOneOf, hasMethods } from '../../../private/check-types';
import { reject } from '../../../private/validation';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const MAX_CERTIFICATES = 25;

/** What a listener with HTTPS needs. */
export function checkHttps(scope: Construct, identity: ServerIdentity, options: HttpsExposureOptions): void {
  checkServerIdentity(scope, identity);
  const { sslPolicy, redirect, additionalCertificates } = options;
  checkSslPolicy(scope, sslPolicy);
  if (redirect !== undefined && !hasMethods(redirect, '_port')) {
    reject(scope, {
      property: 'exposure.redirect', must: 'be an HttpRedirect', got: redirect, fix: 'Make one with brackets, e.g. HttpRedirect.fromPort(80).',
    });
  }
  if (additionalCertificates !== undefined) {
    const property = 'exposure.additionalCertificates';
    const fix = 'Give a list of certificates, or leave it out.';
    checkList(scope, property, additionalCertificates, fix);
    if (additionalCertificates.length > MAX_CERTIFICATES) {
      reject(scope, { property, must: `have at most ${MAX_CERTIFICATES} certificates`, got: additionalCertificates.length, fix: 'Put more names into one.' });
    }
    additionalCertificates.forEach(each => checkCertificate(scope, property, each));
  }
}

/** One that load balancers have. */
export function checkSslPolicy(scope: Construct, sslPolicy: SslPolicy | undefined): void {
  if (sslPolicy !== undefined) {
    checkOneOf(scope, sslPolicy, Object.values(SslPolicy), {
      property: 'exposure.sslPolicy', must: 'be a policy of load balancers', fix: 'Use SslPolicy.RECOMMENDED_TLS, or leave it out.',
    });
  }
}

/** Something of our own factories. */
export function checkServerIdentity(scope: Construct, identity: ServerIdentity): void {
  if (!hasMethods(identity, '_check', '_certificate')) {
    reject(scope, {
      property: 'exposure.identity', must: 'be a ServerIdentity', got: identity,
      fix: 'Make one, e.g. ServerIdentity.domain(\'app.example.com\', hostedZone).',
    });
  }
  identity._check(scope);
}
