import { execFileSync } from 'node:child_process';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { callAws, errorType } from '../../src/custom-resource/aws';
import { send } from '../../src/custom-resource/small-request';
import { systemClock } from '../../src/engine/clock';

/** Environment variables. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The reason why the suite does not start. Nothing was created. */
export class Refusal extends Error {}

/** A call that AWS rejected. */
export class AwsError extends Error {
  constructor(message: string, readonly type?: string) {
    super(message);
  }
}

const MEBIBYTE = 2 ** 20;

/** The JSON APIs that the runner calls: the host without region and suffix, and the prefix of `X-Amz-Target`. */
const SERVICES = {
  acm: { host: 'acm', target: 'CertificateManager' },
  ecr: { host: 'api.ecr', target: 'AmazonEC2ContainerRegistry_V20150921' },
  logs: { host: 'logs', target: 'Logs_20140328' },
  ssm: { host: 'ssm', target: 'AmazonSSM' },
  tagging: { host: 'tagging', target: 'ResourceGroupsTaggingAPI_20170126' },
} as const;

/** An account in a region, with the credentials of its environment variables. */
export class Aws {
  public readonly region: string;

  constructor(readonly env: Env) {
    this.region = env.AWS_REGION ?? '';
  }

  /** The ID of the account. */
  public async account(): Promise<string> {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await this.send('sts', this.host('sts'), headers, 'Action=GetCallerIdentity&Version=2011-06-15');
    const account = /<Account>(\d{12})<\/Account>/.exec(answer)?.[1];
    if (account === undefined) throw new AwsError('STS did not return an account');
    return account;
  }

  /** Call a JSON API once. */
  public async call<T>(service: keyof typeof SERVICES, operation: string, body: object): Promise<T> {
    const { host, target } = SERVICES[service];
    return JSON.parse(await this.send(service, this.host(host), { 'X-Amz-Target': `${target}.${operation}` }, body) || '{}') as T;
  }

  /** All items of a paginated API. */
  public async list<Item>(service: keyof typeof SERVICES, operation: string, body: object, items: string, token: string): Promise<Item[]> {
    const found: Item[] = [];
    let next: unknown;
    do {
      const page = await this.call<Record<string, unknown>>(service, operation, next ? { ...body, [token]: next } : body);
      found.push(...page[items] as Item[] ?? []);
      next = page[token];
    } while (next);
    return found;
  }

  private host(service: string): string {
    return `${service}.${this.region}.${RegionInfo.get(this.region).domainSuffix ?? 'amazonaws.com'}`;
  }

  private async send(service: string, host: string, headers: Record<string, string>, body: object | string): Promise<string> {
    const call = { service, region: this.region, host, headers, body, maxResponseBytes: MEBIBYTE };
    const { status, body: text } = await callAws(call, { environment: this.env, clock: systemClock, send });
    if (status !== 200) {
      const type = errorType(text) ?? /<Code>(\w+)<\/Code>/.exec(text)?.[1];
      throw new AwsError(`${service} answered ${status} ${type ?? ''}`.trim(), type);
    }
    return text;
  }
}

/**
 * The environment variables with explicit credentials and a region, as the CDK CLI and the runner both use them.
 *
 * Throws a `Refusal` if there are none.
 */
export function signedIn(env: Env): Env {
  const { AWS_PROFILE, AWS_DEFAULT_PROFILE, ...rest } = env;
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? awsCli(env, 'configure', 'get', 'region');
  const own = AWS_PROFILE === undefined && env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY ? rest : exported(env, rest);
  if (own === undefined) {
    throw new Refusal('There are no AWS credentials. Sign in with version 2 of the AWS CLI (for example with aws sso login), or set AWS_ACCESS_KEY_ID, '
      + 'AWS_SECRET_ACCESS_KEY and AWS_REGION. Nothing was created.');
  }
  if (!region) throw new Refusal('There is no AWS region. Set AWS_REGION, for example to us-east-1. Nothing was created.');
  return { ...own, AWS_REGION: region };
}

/** The AWS CLI supports profiles, SSO and roles. These credentials can be temporary, so request them again before each test. */
function exported(env: Env, rest: Env): Env | undefined {
  try {
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(awsCli(env, 'configure', 'export-credentials', '--format', 'process') ?? '{}');
    if (!AccessKeyId || !SecretAccessKey) return undefined;
    return { ...rest, AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey, AWS_SESSION_TOKEN: SessionToken };
  } catch {
    return undefined;
  }
}

function awsCli(env: Env, ...args: string[]): string | undefined {
  try {
    return execFileSync('aws', args, { env: env as NodeJS.ProcessEnv, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 60_000 }).trim() || undefined;
  } catch {
    return undefined;
  }
}
