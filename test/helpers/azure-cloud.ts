import { AcrDouble } from './azure-acr';
import { ArmDouble } from './azure-arm';
import { CLIENT, EntraDouble, TENANT, credentialFor } from './azure-entra';
import { FUNCTION_ROLE, ISSUER, StsDouble } from './azure-sts';

/** The identity of the tests, as in templates. */
export const IDENTITY = `azure;${TENANT};${CLIENT};PUBLIC`;

/** Azure and the part of AWS that issues tokens for it, on loopback. */
export class AzureCloud {
  /**
   * Starts all servers.
   *
   * @param backends the registries behind login servers: an origin by the name of a registry.
   */
  public static async start(backends: Readonly<Record<string, string>> = {}, now: () => number = () => Date.now()): Promise<AzureCloud> {
    const sts = await StsDouble.start(now);
    const entra = await EntraDouble.start(now, issuer => issuer === ISSUER ? sts.keys : []);
    entra.credentials.push(credentialFor(FUNCTION_ROLE));
    const arm = await ArmDouble.start(entra);
    const logins = await Promise.all(Object.entries(backends).map(async ([name, backend]) => AcrDouble.start(name, backend, { arm, entra, now })));
    return new AzureCloud(sts, entra, arm, logins);
  }

  private constructor(
    public readonly sts: StsDouble, public readonly entra: EntraDouble, public readonly arm: ArmDouble, public readonly logins: readonly AcrDouble[],
  ) {}

  /** The origins of login servers. */
  public get loginOrigins(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.logins.map(({ loginServer, origin }) => [loginServer, origin]));
  }

  /** The environment variables with which a function finds the servers. */
  public get variables(): Readonly<Record<string, string>> {
    const origins = { 'login.microsoftonline.com': this.entra.origin, 'management.azure.com': this.arm.origin, ...this.loginOrigins };
    return { AWS_ENDPOINT_URL_STS: this.sts.origin, CLOUD_ORIGINS: JSON.stringify(origins) };
  }

  /** Every token and password that a log or a message must not contain. */
  public get secrets(): string[] {
    const passwords = [...this.arm.registries.values()].flatMap(each => each.passwords);
    return [...this.sts.tokens, ...this.entra.tokens, ...this.logins.flatMap(each => [...each.tokens, ...each.accessTokens]), ...passwords];
  }

  public async stop(): Promise<void> {
    await Promise.all([this.sts, this.entra, this.arm, ...this.logins].map(async each => each.stop()));
  }
}
