// eslint-disable-next-line import/no-extraneous-dependencies -- bundled into the asset, so nobody has to install it (ADR 2)
import { sign } from 'aws4';
import { Send, SmallResponse } from './small-request';
import { Clock } from '../engine/clock';

/** What a call of AWS takes from the outside world. */
export interface AwsSeams {
  /** Environment with the credentials of the function and, for local clouds, `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly send: Send;
}

/** One call with JSON, or with a form where a text is given. */
export interface AwsCall {
  /** The name that the service signs with; its capital letters and underscores name the endpoint variable. */
  readonly service: string;
  readonly region: string;
  readonly host: string;
  /** @default / */
  readonly path?: string;
  /** What the service is to do: `X-Amz-Target`, for example. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object | string;
  /**
   * The longest answer that is read.
   *
   * @default 128 KiB
   */
  readonly maxAnswerBytes?: number;
}

const TIMEOUT_MILLISECONDS = 10_000;

/** Signs a call with the credentials of the function and sends it once. */
export async function callAws(call: AwsCall, { environment, clock, send }: AwsSeams): Promise<SmallResponse> {
  const { service, region, host, path = '/', headers: special, body, maxAnswerBytes } = call;
  const own = environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? environment.AWS_ENDPOINT_URL;
  const url = new URL(path, own ?? `https://${host}`);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    'Host': url.host,
    'Content-Type': 'application/x-amz-json-1.1',
    ...special,
    'X-Amz-Date': new Date(clock.now()).toISOString().replace(/[-:]|\.\d{3}/g, ''),
  };
  const signed = sign({ service, region, method: 'POST', host: url.host, path: url.pathname, headers, body: text }, {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    sessionToken: environment.AWS_SESSION_TOKEN,
  });
  const flat = Object.fromEntries(Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]));
  return send({ method: 'POST', url, headers: flat, body: text, timeoutMilliseconds: TIMEOUT_MILLISECONDS, maxAnswerBytes });
}

/** The name of the error in an answer, e.g. `AccessDeniedException`. */
export function errorType(body: string): string | undefined {
  return /"__type"\s*:\s*"(?:[^"#]*#)?([A-Za-z]{1,64})"/.exec(body)?.[1];
}
