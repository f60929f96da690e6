import { SigningKey } from './jwt';
import { Asked, SmallServer, Told } from './small-server';

/** The role of a function without its own role. */
export const FUNCTION_ROLE = 'arn:aws:iam::111122223333:role/function';
export const ISSUER = 'https://a1b2c3d4-0000-4000-8000-000000000000.tokens.sts.global.api.aws';

/**
 * STS with outbound identity federation, and the keys of its issuer.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html
 */
export class StsDouble {
  public static async start(now: () => number): Promise<StsDouble> {
    const sts = new StsDouble(now);
    sts.server = await SmallServer.start(async asked => sts.answer(asked));
    return sts;
  }

  /** Whether the feature is enabled in the account. */
  public isEnabled = true;
  /** Roles that can be assumed. */
  public readonly roles = new Set<string>();
  /** The audiences and durations of all issued tokens. */
  public readonly issued: { readonly subject: string; readonly audience: string; readonly seconds: number }[] = [];
  public readonly tokens: string[] = [];
  private readonly key = new SigningKey('aws-1');
  private server?: SmallServer;

  private constructor(private readonly now: () => number) {}

  public get origin(): string {
    return this.server?.origin ?? '';
  }

  /** The public keys of the issuer. */
  public get keys(): readonly Readonly<Record<string, unknown>>[] {
    return [this.key.jwk];
  }

  public async stop(): Promise<void> {
    await this.server?.stop();
  }

  private async answer({ headers, body }: Asked): Promise<Told> {
    const form = new URLSearchParams(body);
    if (!/\/sts\/aws4_request/.test(headers.authorization ?? '')) return failed(403, 'MissingAuthenticationToken', 'the request is not signed');
    const caller = /Credential=ASSUMED-(\d+)\//.exec(headers.authorization ?? '')?.[1];
    const subject = caller === undefined ? FUNCTION_ROLE : [...this.roles][Number(caller)];
    switch (form.get('Action')) {
      case 'AssumeRole': return this.assume(form.get('RoleArn') ?? '');
      case 'GetWebIdentityToken': return this.token(form, subject);
      default: return failed(400, 'InvalidAction', 'no such operation');
    }
  }

  private assume(role: string): Told {
    const at = [...this.roles].indexOf(role);
    if (at < 0) return failed(403, 'AccessDenied', `User: ${FUNCTION_ROLE} is not authorized to perform: sts:AssumeRole on resource: ${role}`);
    return succeeded('AssumeRole', `<Credentials><AccessKeyId>ASSUMED-${at}</AccessKeyId><SecretAccessKey>assumed-secret</SecretAccessKey>`
      + '<SessionToken>assumed-session</SessionToken><Expiration>2027-01-01T00:00:00Z</Expiration></Credentials>');
  }

  private token(form: URLSearchParams, subject: string): Told {
    if (!this.isEnabled) return failed(403, 'OutboundWebIdentityFederationDisabledException', 'Outbound web identity federation is not enabled for this account');
    const audience = form.get('Audience.member.1') ?? '';
    const seconds = Number(form.get('DurationSeconds') ?? 300);
    if (audience === '' || form.get('SigningAlgorithm') !== 'RS256' || !(seconds >= 60 && seconds <= 3600)) return failed(400, 'ValidationError', 'wrong parameters');
    const iat = Math.floor(this.now() / 1000);
    const token = this.key.sign({ iss: ISSUER, sub: subject, aud: audience, iat, exp: iat + seconds, jti: `${this.issued.length}` });
    this.issued.push({ subject, audience, seconds });
    this.tokens.push(token);
    return succeeded('GetWebIdentityToken', `<WebIdentityToken>${token}</WebIdentityToken><Expiration>2027-01-01T00:00:00Z</Expiration>`);
  }
}

function succeeded(operation: string, result: string): Told {
  return { status: 200, text: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>` };
}

function failed(status: number, code: string, message: string): Told {
  return { status, text: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` };
}
