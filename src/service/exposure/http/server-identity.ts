import { Stack, Token } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ILoadBalancerV2, IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AaaaRecord, ARecord, CfnHostedZone, IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct, IConstruct } from 'constructs';
import { isKnown } from '../../../private/lookups';
import { checkValue, Shape, TextRule } from '../../../private/shape';
import { idOfValue } from '../../../private/stacks';
import { reject } from '../../../private/validation';
import { CERTIFICATE } from '../load-balancer/load-balancer';

const PROPERTY = 'exposure.identity';
const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const DOMAIN: TextRule = {
  kind: 'text', pattern: new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)+${LABEL}$`), must: 'be a fully qualified domain name',
  fix: 'Give a name such as "app.example.com", without "https://", "*" and a dot at its end.',
};

/** Options of a server with an existing certificate. */
export interface ServerIdentityCertificateOptions {
  /**
   * The domain name of the server, which `service.endpoint` returns. You create the DNS record yourself.
   *
   * @default - `service.endpoint` returns the DNS name of the load balancer, which is not in the certificate
   */
  readonly domainName?: string;
}

/** Options of a server with a domain name in a hosted zone. */
export interface ServerIdentityDomainOptions {
  /**
   * An existing certificate for this name and the alternative names, in the region of the load balancer.
   *
   * @default - a new certificate, validated by a DNS record in the hosted zone, which must be public
   */
  readonly certificate?: ICertificate;

  /**
   * Additional names in the same hosted zone, at most 9. Each one gets a DNS record too. A new or removed name replaces the certificate; a different
   * order does not.
   *
   * @default - none
   */
  readonly alternativeNames?: string[];
}

export const SERVER_CERTIFICATE = new Shape<ServerIdentityCertificateOptions>('Write options such as { domainName: \'app.example.com\' }, or leave them out.', {
  domainName: DOMAIN,
}, {
  alternativeNames: 'Only ServerIdentity.domain has alternative names.',
});

export const SERVER_DOMAIN = new Shape<ServerIdentityDomainOptions>('Write options such as { alternativeNames: [\'www.example.com\'] }, or leave them out.', {
  certificate: CERTIFICATE,
  // https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html
  alternativeNames: {
    kind: 'list', max: 9, fix: 'Write alternativeNames: [\'www.example.com\'], or leave it out. A certificate has at most 10 names.', of: {
      kind: 'text', pattern: new RegExp(`^(?=.{1,253}$)(?:\\*\\.)?(?:${LABEL}\\.)+${LABEL}$`), must: 'be a fully qualified domain name',
      fix: 'Give a name such as "www.example.com".',
    },
  },
}, {
  subjectAlternativeNames: 'Write alternativeNames.',
  validation: 'Leave it out: the certificate is validated by a DNS record in the hosted zone.',
});

/** The parts of an identity. */
interface IdentityParts {
  readonly certificate?: ICertificate;
  readonly domainName?: string;
  readonly hostedZone?: IHostedZone;
  readonly alternativeNames?: string[];
}

/**
 * The certificate and the name of an HTTPS server.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
export class ServerIdentity {
  /**
   * An existing certificate in the region of the load balancer. You create the DNS records yourself.
   *
   * @param certificate the certificate
   * @param options the domain name
   */
  public static certificate(certificate: ICertificate, options: ServerIdentityCertificateOptions = {}): ServerIdentity {
    return new ServerIdentity({ certificate, domainName: options?.domainName }, scope => {
      SERVER_CERTIFICATE.check(scope, PROPERTY, options);
      checkCertificate(scope, certificate);
    });
  }

  /**
   * A name in a hosted zone. Creates a certificate for the name, and DNS records that point to the load balancer.
   *
   * @param domainName the name of the server, e.g. "app.example.com"
   * @param hostedZone the hosted zone of the name
   * @param options an existing certificate, or alternative names
   */
  public static domain(domainName: string, hostedZone: IHostedZone, options: ServerIdentityDomainOptions = {}): ServerIdentity {
    const { certificate, alternativeNames } = options ?? {};
    return new ServerIdentity({ domainName, hostedZone, certificate, alternativeNames }, scope => {
      checkValue(scope, `${PROPERTY}.domainName`, domainName, { ...DOMAIN, required: true });
      SERVER_DOMAIN.check(scope, PROPERTY, options);
      if (new Set(alternativeNames).size < (alternativeNames ?? []).length) {
        reject(scope, { property: `${PROPERTY}.alternativeNames`, must: 'have each name once', got: alternativeNames, fix: 'Remove the duplicate.' });
      }
      checkZone(scope, hostedZone, [domainName, ...alternativeNames ?? []]);
      if (certificate === undefined) {
        checkValidation(scope, hostedZone);
      } else {
        checkCertificate(scope, certificate);
      }
    });
  }

  private constructor(private readonly parts: IdentityParts, private readonly checks: (scope: Construct) => void) {}

  /** @internal */
  public _check(scope: Construct): void {
    this.checks(scope);
  }

  /** @internal */
  public _needsRecords(): boolean {
    return this.parts.hostedZone !== undefined;
  }

  /** @internal */
  public _certificate(scope: Construct): ICertificate {
    const { certificate, domainName, hostedZone, alternativeNames } = this.parts;
    return certificate ?? new Certificate(scope, 'Certificate', {
      domainName: domainName as string,
      // Sorted, because CloudFormation replaces the certificate if the order changes.
      subjectAlternativeNames: alternativeNames && sorted(scope, alternativeNames),
      validation: CertificateValidation.fromDns(hostedZone),
    });
  }

  /**
   * Creates the DNS records, and returns the domain name if there is one.
   *
   * @internal
   */
  public _nameOf(scope: Construct, loadBalancer: ILoadBalancerV2, ipAddressType?: IpAddressType): string | undefined {
    const { domainName, hostedZone, alternativeNames = [] } = this.parts;
    if (domainName !== undefined && hostedZone !== undefined) {
      [domainName, ...alternativeNames].forEach(name => addRecords(scope, { name, hostedZone, loadBalancer, ipAddressType }));
    }
    return domainName;
  }
}

/** Sorts names. Tokens are sorted by their resolved content, because the numbers in their string form depend on the rest of the app. */
function sorted(scope: IConstruct, names: string[]): string[] {
  const keyOf = (name: string) => JSON.stringify(Stack.of(scope).resolve(name));
  return [...names].sort((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
}

/** Checks an identity, including its type, because it is an argument that no table of options checks. */
export function checkServerIdentity(scope: Construct, identity: ServerIdentity): void {
  checkValue(scope, PROPERTY, identity, {
    kind: 'instance', methods: ['_check', '_certificate'], must: 'be a ServerIdentity', required: true,
    fix: 'Call a factory such as ServerIdentity.domain(\'app.example.com\', hostedZone).',
  });
  identity._check(scope);
}

function checkCertificate(scope: Construct, certificate: ICertificate): void {
  checkValue(scope, `${PROPERTY}.certificate`, certificate, { ...CERTIFICATE, required: true });
}

function checkZone(scope: IConstruct, zone: IHostedZone, names: string[]): void {
  checkValue(scope, `${PROPERTY}.hostedZone`, zone, {
    kind: 'instance', same: ['account'], properties: ['hostedZoneId', 'zoneName'], must: 'be a hosted zone with its name', required: true,
    fix: 'Look it up with HostedZone.fromLookup, or import it with HostedZone.fromHostedZoneAttributes, which know the name.',
  });
  const suffix = zone.zoneName.replace(/\.$/, '').toLowerCase();
  const outside = names.find(name => [name, zone.zoneName].every(isKnown)
    && name.toLowerCase() !== suffix && !name.toLowerCase().endsWith(`.${suffix}`));
  if (outside !== undefined) {
    reject(scope, { property: `${PROPERTY}.domainName`, must: `be in the hosted zone '${suffix}'`, got: outside, fix: `Use a name such as "app.${suffix}".` });
  }
}

/** Rejects a new certificate for a private zone, in which ACM cannot validate it by a record. It is unknown whether an imported zone is private. */
function checkValidation(scope: IConstruct, zone: IHostedZone): void {
  const vpcs = Stack.of(zone).resolve((zone.node.defaultChild as CfnHostedZone | undefined)?.vpcs);
  if (Array.isArray(vpcs) && vpcs.length > 0) {
    reject(scope, {
      property: `${PROPERTY}.hostedZone`, must: 'be public, because the validation of the certificate would otherwise time out after hours', got: 'a private zone',
      fix: 'Give the certificate too: ServerIdentity.domain(name, zone, { certificate }).',
    });
  }
}

interface Records {
  readonly name: string;
  readonly hostedZone: IHostedZone;
  readonly loadBalancer: ILoadBalancerV2;
  readonly ipAddressType?: IpAddressType;
}

function addRecords(scope: Construct, { name, hostedZone, loadBalancer, ipAddressType = IpAddressType.IPV4 }: Records): void {
  // The ID depends on the name, because CloudFormation cannot create a second record with the same name before it deletes the first one.
  const suffix = Token.isUnresolved(name) ? idOfValue(scope, '-', name) : `-${name.toLowerCase()}`;
  // With a dot at the end, CDK does not append the name of the zone.
  const record = { zone: hostedZone, recordName: `${name}.`, target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)) };
  new ARecord(scope, `Record${suffix}`, record);
  if (ipAddressType !== IpAddressType.IPV4) {
    new AaaaRecord(scope, `Record6${suffix}`, record);
  }
}
