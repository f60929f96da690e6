import { AZURE_RETRIES, AzureError, refused } from './azure-http';
import { EntraTokens } from './entra';
import { AwsDependencies, AwsResponse, CallLimits } from '../../custom-resource/aws';
import { SmallRequest } from '../../custom-resource/small-request';
import { pause } from '../../engine/clock';
import { RetryReason } from '../../engine/errors';
import { isObject } from '../../engine/json';
import { parseRetryAfter, repeat } from '../../engine/retry';
import { CloudResponse, callCloud, headerOf } from '../../federation/handler/cloud-api';

/** A request to Azure Resource Manager. */
export interface ArmRequest {
  readonly method: SmallRequest['method'];
  /** The path, with the query. */
  readonly path: string;
  readonly body?: object;
  /**
   * Statuses that are not errors, in addition to those of a success.
   *
   * @default - none
   */
  readonly expectedStatuses?: readonly number[];
}

/** A response of Azure Resource Manager. */
export interface ArmResponse {
  readonly status: number;
  readonly json: AwsResponse;
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
  constructor(private readonly tokens: EntraTokens, private readonly dependencies: AwsDependencies, private readonly limits: CallLimits) {}

  /** Sends a request. Throws an `AzureError` for a status that is not expected. */
  public async call(request: ArmRequest): Promise<ArmResponse> {
    const { dependencies: { clock }, limits: { deadline = Infinity, signal } } = this;
    if (clock.now() >= deadline) throw new AzureError('no time is left to ask Azure', { retry: 'busy' });
    return repeat({ clock, rules: AZURE_RETRIES, deadline, signal }, async () => {
      const response = await this.send(request);
      const { status, json } = response;
      if ((status < 200 || status >= 300) && !request.expectedStatuses?.includes(status)) throw errorOf(nameOf(request), response);
      return { status, json, operation: this.operationOf(response) };
    });
  }

  /**
   * Waits for an operation. Returns `false` if it still runs at the deadline. Throws if it fails.
   *
   * @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
   */
  public async waitFor(path: string): Promise<boolean> {
    const { dependencies: { clock }, limits: { deadline, signal } } = this;
    for (;;) {
      const response = await this.send({ method: 'GET', path });
      // 404: Azure deletes the records of old operations. The state of the registry then shows the result.
      if (response.status >= 300 && response.status !== 404) throw errorOf('the operation', response);
      const { status, error } = response.json;
      if (status === 'Failed' || status === 'Canceled') throw refused({ what: 'the operation', status: 0, error: isObject(error) ? error : { code: status } });
      if (response.status !== 202 && (typeof status !== 'string' || status === 'Succeeded')) return true;
      const asked = parseRetryAfter(headerOf(response, 'retry-after'), clock.now()) ?? POLL_MILLISECONDS;
      if (!await pause(Math.min(asked, LONGEST_POLL_MILLISECONDS), { clock, deadline, signal })) return false;
    }
  }

  private async send(request: ArmRequest): Promise<CloudResponse> {
    const { tokens, tokens: { endpoints: { management: host } }, dependencies, limits } = this;
    const audience = `https://${host}`;
    const withToken = async (token: string) => callCloud({
      method: request.method, path: request.path, body: request.body, host, token, title: 'Azure Resource Manager', operation: nameOf(request),
    }, dependencies, limits);
    const token = await tokens.tokenFor(audience);
    const response = await withToken(token);
    return response.status === 401 ? withToken(await tokens.tokenFor(audience, token)) : response;
  }

  /** The path and query of an operation. An operation on another host is ignored, because that host would receive the token. */
  private operationOf(response: CloudResponse): string | undefined {
    const address = headerOf(response, 'azure-asyncoperation') ?? headerOf(response, 'location');
    if (address === undefined || ![200, 201, 202].includes(response.status) || !URL.canParse(address)) return undefined;
    const { host, pathname, search } = new URL(address);
    if (host !== this.tokens.endpoints.management) throw new AzureError('the operation that Azure started is on another host, which must not get the token');
    return pathname + search;
  }
}

/** The request for messages, without its query. */
function nameOf({ method, path }: ArmRequest): string {
  return `${method} ${path.split('?')[0]}`;
}

function errorOf(what: string, { status, json }: CloudResponse): AzureError {
  const error = isObject(json.error) ? json.error : {};
  return refused({ what, status, error, retry: retryReasonOf(error.code) });
}

function retryReasonOf(code: unknown): RetryReason | undefined {
  if (DENIED.includes(String(code))) return 'permission';
  return BUSY.includes(String(code)) ? 'busy' : undefined;
}
