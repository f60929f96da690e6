import { AZURE_RETRIES, AzureRefusal, AzureRequest, AzureSeams, headerIn, jsonIn, refusal, sendToAzure } from './azure-http';
import { EntraTokens } from './entra';
import { Answer, Patience } from '../../custom-resource/aws';
import { SmallResponse } from '../../custom-resource/small-request';
import { pause } from '../../engine/clock';
import { RetryReason } from '../../engine/errors';
import { isObject } from '../../engine/json';
import { parseRetryAfter, repeat } from '../../engine/retry';

/** A response of Azure Resource Manager. */
export interface ArmAnswer {
  readonly status: number;
  readonly json: Answer;
  /** The path at which a started operation can be watched. */
  readonly operation?: string;
}

// A role assignment that was just made takes some seconds or minutes to take effect.
const DENIED = ['AuthorizationFailed', 'LinkedAuthorizationFailed'];
const BUSY = ['OperationNotAllowedDueToConcurrency', 'AnotherOperationInProgress', 'TooManyRequests', 'OperationPreempted', 'RetryableError'];
const POLL_MILLISECONDS = 5_000;
const LONGEST_POLL_MILLISECONDS = 30_000;

/** Azure Resource Manager, for one identity. */
export class Arm {
  constructor(private readonly tokens: EntraTokens, private readonly seams: AzureSeams, private readonly patience: Patience) {}

  /** Sends a request. Throws an `AzureRefusal` for any status other than these and success. */
  public async ask(method: AzureRequest['method'], path: string, body?: object, expected: readonly number[] = []): Promise<ArmAnswer> {
    const { deadline = Infinity, signal } = this.patience;
    const { clock } = this.seams;
    if (clock.now() >= deadline) throw new AzureRefusal('no time is left to ask Azure', 'busy');
    return repeat({ clock, rules: AZURE_RETRIES, deadline, signal }, async () => {
      const response = await this.send({ method, path, body });
      const { status } = response;
      if ((status < 200 || status >= 300) && !expected.includes(status)) throw this.refused(`${method} ${path.split('?')[0]}`, response);
      return { status, json: jsonIn(response), operation: this.operationOf(response) };
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
      const response = await repeat({ clock, rules: AZURE_RETRIES, deadline, signal }, async () => {
        const answer = await this.send({ method: 'GET', path });
        // An operation that is forgotten has ended. What it has left shows how.
        if (answer.status >= 300 && answer.status !== 404) throw this.refused('an operation', answer);
        return answer;
      });
      const { status, error } = jsonIn(response);
      if (response.status !== 202 && (typeof status !== 'string' || status === 'Succeeded')) return true;
      if (status === 'Failed' || status === 'Canceled') throw this.failed(status, error);
      const asked = parseRetryAfter(headerIn(response, 'retry-after'), clock.now()) ?? POLL_MILLISECONDS;
      if (!await pause(Math.min(asked, LONGEST_POLL_MILLISECONDS), { clock, deadline, signal })) return false;
    }
  }

  private async send(request: Pick<AzureRequest, 'method' | 'path' | 'body'>): Promise<SmallResponse> {
    const { tokens, tokens: { endpoints: { management: host } }, seams } = this;
    const audience = `https://${host}`;
    const withToken = async (token: string) => sendToAzure({ ...request, host, headers: { authorization: `Bearer ${token}` } }, seams);
    const token = await tokens.tokenFor(audience);
    const response = await withToken(token);
    if (response.status !== 401) return response;
    return withToken(await tokens.tokenFor(audience, token));
  }

  /** Path and query of an operation. An operation at another host is not followed, because the token would go there. */
  private operationOf(response: SmallResponse): string | undefined {
    const address = headerIn(response, 'azure-asyncoperation') ?? headerIn(response, 'location');
    if (address === undefined || ![200, 201, 202].includes(response.status) || !URL.canParse(address)) return undefined;
    const { host, pathname, search } = new URL(address);
    if (host !== this.tokens.endpoints.management) throw new AzureRefusal('the operation that Azure started is on another host, which must not get the token');
    return pathname + search;
  }

  private refused(what: string, response: SmallResponse): AzureRefusal {
    const { error } = jsonIn(response);
    const { code, message } = isObject(error) ? error : { code: undefined, message: undefined };
    const name = typeof code === 'string' ? code : undefined;
    return refusal(what, response, { code: name, message, now: this.seams.clock.now(), retry: reasonOf(name) });
  }

  private failed(status: string, error: unknown): AzureRefusal {
    const { code, message } = isObject(error) ? error : { code: undefined, message: undefined };
    const name = typeof code === 'string' ? code : status;
    return refusal('the operation', { status: 0, body: '' }, { code: name, message, now: 0 });
  }
}

function reasonOf(code?: string): RetryReason | undefined {
  if (code === undefined) return undefined;
  if (DENIED.includes(code)) return 'permission';
  return BUSY.includes(code) ? 'busy' : undefined;
}
