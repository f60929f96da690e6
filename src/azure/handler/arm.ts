import { AZURE_RETRIES, AzureRefusal, refusal } from './azure-http';
import { EntraTokens } from './entra';
import { Answer, AwsSeams, Patience } from '../../custom-resource/aws';
import { SmallRequest } from '../../custom-resource/small-request';
import { pause } from '../../engine/clock';
import { RetryReason } from '../../engine/errors';
import { isObject } from '../../engine/json';
import { parseRetryAfter, repeat } from '../../engine/retry';
import { CloudAnswer, callCloud, headerOf } from '../../federation/handler/cloud-api';

/** A response of Azure Resource Manager. */
export interface ArmAnswer {
  readonly status: number;
  readonly json: Answer;
  /** The path for polling a started operation. */
  readonly operation?: string;
}

// A role assignment that was just made takes some time to take effect.
const DENIED = ['AuthorizationFailed', 'LinkedAuthorizationFailed'];
const BUSY = ['AnotherOperationInProgress', 'OperationPreempted', 'RetryableError'];
const POLL_MILLISECONDS = 5_000;
const LONGEST_POLL_MILLISECONDS = 30_000;

/** Azure Resource Manager, for one identity. */
export class Arm {
  constructor(private readonly tokens: EntraTokens, private readonly seams: AwsSeams, private readonly patience: Patience) {}

  /** Sends a request. Throws an `AzureRefusal` for a status that is neither a success nor in `expected`. */
  public async ask(method: SmallRequest['method'], path: string, body?: object, expected: readonly number[] = []): Promise<ArmAnswer> {
    const { seams: { clock }, patience: { deadline = Infinity, signal } } = this;
    if (clock.now() >= deadline) throw new AzureRefusal('no time is left to ask Azure', 'busy');
    return repeat({ clock, rules: AZURE_RETRIES, deadline, signal }, async () => {
      const answer = await this.send(method, path, body);
      const { status, json } = answer;
      if ((status < 200 || status >= 300) && !expected.includes(status)) throw refused(`${method} ${path.split('?')[0]}`, answer);
      return { status, json, operation: this.operationOf(answer) };
    });
  }

  /**
   * Waits for an operation. Returns `false` if it still runs at the deadline. Throws if it fails.
   *
   * @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
   */
  public async waitFor(path: string): Promise<boolean> {
    const { seams: { clock }, patience: { deadline, signal } } = this;
    for (;;) {
      const answer = await this.send('GET', path);
      // 404: Azure deletes the records of old operations. The state of the registry then shows the result.
      if (answer.status >= 300 && answer.status !== 404) throw refused('the operation', answer);
      const { status, error } = answer.json;
      if (status === 'Failed' || status === 'Canceled') throw refusal('the operation', { status: 0 }, isObject(error) ? error : { code: status });
      if (answer.status !== 202 && (typeof status !== 'string' || status === 'Succeeded')) return true;
      const asked = parseRetryAfter(headerOf(answer, 'retry-after'), clock.now()) ?? POLL_MILLISECONDS;
      if (!await pause(Math.min(asked, LONGEST_POLL_MILLISECONDS), { clock, deadline, signal })) return false;
    }
  }

  private async send(method: SmallRequest['method'], path: string, body?: object): Promise<CloudAnswer> {
    const { tokens, tokens: { endpoints: { management: host } }, seams, patience } = this;
    const audience = `https://${host}`;
    const withToken = async (token: string) => callCloud({
      method, host, path, body, token, title: 'Azure Resource Manager', operation: `${method} ${path.split('?')[0]}`,
    }, seams, patience);
    const token = await tokens.tokenFor(audience);
    const answer = await withToken(token);
    return answer.status === 401 ? withToken(await tokens.tokenFor(audience, token)) : answer;
  }

  /** The path and query of an operation. An operation on another host is ignored, because that host would receive the token. */
  private operationOf(answer: CloudAnswer): string | undefined {
    const address = headerOf(answer, 'azure-asyncoperation') ?? headerOf(answer, 'location');
    if (address === undefined || ![200, 201, 202].includes(answer.status) || !URL.canParse(address)) return undefined;
    const { host, pathname, search } = new URL(address);
    if (host !== this.tokens.endpoints.management) throw new AzureRefusal('the operation that Azure started is on another host, which must not get the token');
    return pathname + search;
  }
}

function refused(what: string, answer: CloudAnswer): AzureRefusal {
  const { error } = answer.json;
  const details = isObject(error) ? error : {};
  return refusal(what, answer, details, reasonOf(details.code));
}

function reasonOf(code: unknown): RetryReason | undefined {
  if (DENIED.includes(String(code))) return 'permission';
  return BUSY.includes(String(code)) ? 'busy' : undefined;
}
