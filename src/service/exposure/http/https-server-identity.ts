import { Stack, Token } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ILoadBalancerV2, IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AaaaRecord, ARecord, IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { checkIdentity } from './https-identity-checks';
import { checkObject } from '../../../private/check-types';

/** What is known about a certificate that exists. */
export interface ServerCertificateOptions {
  /**
   * The name of the server, for which somebody else keeps a record: `service.endpoint` tells it.
   *
   * @default - `service.endpoint` tells the load balancer's own name, which the certificate does not have
   */
  readonly domainName?: string;
}

/** What may differ in a server with a name of its own. */
export interface ServerDomainOptions {
  /**
   * A certificate that exists, in the region of the load balancer, for this name and the alternative ones.
   *
   * @default - one is requested, and validated by a record in the hosted zone, which has to be public for that
   */
  readonly certificate?: ICertificate;

  /**
   * More names in the same hosted zone. Each gets a record too.
   *
   * @default - none
   */
  readonly alternativeNames?: string[];
}

/** What an identity consists of. */
export interface IdentityParts {
  readonly certificate?: ICertificate;
  readonly domainName?: string;
  readonly hostedZone?: IHostedZone;
  readonly alternativeNames?: string[];
}

/**
 * Who a server is to its clients: the certificate that it shows, and the name that they know it by.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html
 */
export class ServerIdentity {
  /**
   * A certificate that exists, in the region of the load balancer. Records are up to you.
   *
   * @param certificate the certificate
   * @param options what is known about it
   */
  public static certificate(certificate: ICertificate, options: ServerCertificateOptions = {}): ServerIdentity {
    return new ServerIdentity({ certificate, ...options }, options, ['certificate']);
  }

  /**
   * A name in a hosted zone: the certificate is requested for it, and records lead from it to the load balancer.
   *
   * @param domainName the name of the server, e.g. "app.example.com"
   * @param hostedZone the zone that the name is in
   * @param options what differs from the usual
   */
  public static domain(domainName: string, hostedZone: IHostedZone, options: ServerDomainOptions = {}): ServerIdentity {
    return new ServerIdentity({ domainName, hostedZone, ...options }, options, ['domainName', 'hostedZone']);
  }

  private constructor(
    private readonly parts: IdentityParts, private readonly options: object, private readonly required: (keyof IdentityParts)[],
  ) {}

  /** @internal */
  public _check(scope: Construct): void {
    checkObject(scope, 'exposure.identity.options', this.options);
    checkIdentity(scope, this.parts, this.required);
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
      subjectAlternativeNames: alternativeNames,
      validation: CertificateValidation.fromDns(hostedZone),
    });
  }

  /**
   * The records, and the name that they are for; undefined where none is known.
   *
   * @internal
   */
  public _nameOf(scope: Construct, loadBalancer: ILoadBalancerV2, ipAddressType?: IpAddressType): string | undefined {
    const { domainName, hostedZone, alternativeNames = [] } = this.parts;
    if (domainName !== undefined && hostedZone !== undefined) {
      [domainName, ...alternativeNames].forEach((name, index) => addRecords(scope, { name, index, hostedZone, loadBalancer, ipAddressType }));
    }
    return domainName;
  }
}

interface Records {
  readonly name: string;
  readonly index: number;
  readonly hostedZone: IHostedZone;
  readonly loadBalancer: ILoadBalancerV2;
  readonly ipAddressType?: IpAddressType;
}

function addRecords(scope: Construct, { name, index, hostedZone, loadBalancer, ipAddressType = IpAddressType.IPV4 }: Records): void {
  const suffix = index === 0 ? '' : `-${Token.isUnresolved(name) ? index : Stack.of(scope).resolve(name)}`;
  // With the dot at its end nobody adds the name of the zone once more.
  const record = { zone: hostedZone, recordName: `${name}.`, target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer)) };
  new ARecord(scope, `Record${suffix}`, record);
  if (ipAddressType !== IpAddressType.IPV4) {
    new AaaaRecord(scope, `Record6${suffix}`, record);
  }
}
