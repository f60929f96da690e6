import { Stack, Token } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnHostedZone, IHostedZone } from 'aws-cdk-lib/aws-route53';
import { IConstruct } from 'constructs';
import type { IdentityParts } from './https-server-identity';
import { checkList, isObject } from '../../../private/check-types';
import { isKnown } from '../../../private/lookups';
import { checkPattern, reject } from '../../../private/validation';

const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const DOMAIN = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)+${LABEL}$`);
const WILDCARD_DOMAIN = new RegExp(`^(?=.{1,253}$)(?:\\*\\.)?(?:${LABEL}\\.)+${LABEL}$`);

// https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
const MAX_NAMES = 10;

/** What makes a certificate useless here, or its validation wait for ever. */
export function checkIdentity(scope: IConstruct, parts: IdentityParts, required: (keyof IdentityParts)[]): void {
  const { certificate, domainName, hostedZone, alternativeNames } = parts;
  const has = (part: keyof IdentityParts) => parts[part] !== undefined || required.includes(part);
  if (has('domainName')) {
    checkPattern(scope, {
      property: 'exposure.identity.domainName', value: domainName as string, pattern: DOMAIN,
      must: 'be the full name of a server', fix: 'Give a name such as "app.example.com", without "https://", "*" and a dot at its end.',
    });
  }
  if (has('certificate')) {
    checkCertificate(scope, 'exposure.identity.certificate', certificate);
  }
  if (alternativeNames !== undefined) {
    checkAlternativeNames(scope, alternativeNames);
  }
  if (has('hostedZone')) {
    checkZone(scope, hostedZone, [domainName as string, ...alternativeNames ?? []]);
    if (certificate === undefined) {
      checkValidation(scope, hostedZone as IHostedZone);
    }
  }
}

/** A certificate that a load balancer of this stack can show. */
export function checkCertificate(
  scope: IConstruct, property: string, certificate: ICertificate | undefined,
  fix = 'Give one, e.g. Certificate.fromCertificateArn(this, \'Certificate\', arn).',
): asserts certificate is ICertificate {
  if (!isObject(certificate) || typeof certificate.certificateArn !== 'string') {
    reject(scope, { property, must: 'be a certificate', got: certificate, fix });
  }
  const known = Token.isUnresolved(certificate.certificateArn) ? undefined : /^arn:[^:]+:acm:([^:]+):/.exec(certificate.certificateArn)?.[1];
  const theirs = known ?? certificate.env?.region;
  const { region } = Stack.of(scope);
  if (theirs !== undefined && !Token.isUnresolved(theirs) && !Token.isUnresolved(region) && theirs !== region) {
    reject(scope, {
      property, must: `be in ${region}, the region of the load balancer`, got: theirs, fix: 'Request one there: those of CloudFront are of no use here.',
    });
  }
}

function checkAlternativeNames(scope: IConstruct, names: string[]): void {
  const property = 'exposure.identity.alternativeNames';
  const fix = 'Write alternativeNames: [\'www.example.com\'], or leave it out.';
  checkList(scope, property, names, fix);
  if (names.length >= MAX_NAMES) {
    reject(scope, { property, must: `have at most ${MAX_NAMES - 1} names, because a certificate has ${MAX_NAMES}`, got: names, fix });
  }
  names.forEach(value => checkPattern(scope, { property, value, pattern: WILDCARD_DOMAIN, must: 'be full names of servers', fix }));
  if (new Set(names).size < names.length) {
    reject(scope, { property, must: 'have each name once', got: names, fix: 'Leave the second one out.' });
  }
}

function checkZone(scope: IConstruct, zone: IHostedZone | undefined, names: string[]): void {
  const zoneName = nameOf(zone) ?? reject(scope, {
    property: 'exposure.identity.hostedZone', must: 'be a hosted zone with its name', got: zone,
    fix: 'Look it up with HostedZone.fromLookup, or import it with HostedZone.fromHostedZoneAttributes, which know the name.',
  });
  const suffix = zoneName.replace(/\.$/, '').toLowerCase();
  const outside = names.find(name => [name, zoneName].every(isKnown)
    && name.toLowerCase() !== suffix && !name.toLowerCase().endsWith(`.${suffix}`));
  if (outside !== undefined) {
    reject(scope, {
      property: 'exposure.identity.domainName', must: `be in the hosted zone '${suffix}'`, got: outside, fix: `Use a name such as "app.${suffix}".`,
    });
  }
}

/** A zone that is imported by its id alone throws when it is asked. */
function nameOf(zone: unknown): string | undefined {
  try {
    return isObject(zone) && typeof zone.hostedZoneId === 'string' && typeof zone.zoneName === 'string' ? zone.zoneName : undefined;
  } catch {
    return undefined;
  }
}

/** Of zones that are imported nobody knows. */
function checkValidation(scope: IConstruct, zone: IHostedZone): void {
  const vpcs = Stack.of(zone).resolve((zone.node.defaultChild as CfnHostedZone | undefined)?.vpcs);
  if (Array.isArray(vpcs) && vpcs.length > 0) {
    reject(scope, {
      property: 'exposure.identity.hostedZone', must: 'be public for a certificate to be validated, else the stack waits for hours', got: 'a private zone',
      fix: 'Give the certificate too: ServerIdentity.domain(name, zone, { certificate }).',
    });
  }
}
