import * as http from 'node:http';
import * as https from 'node:https';

/** A small request with a body. */
export interface SmallRequest {
  readonly method: 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMilliseconds: number;
  /**
   * The longest answer that is read.
   *
   * @default 128 KiB
   */
  readonly maxAnswerBytes?: number;
}

/** A small answer. */
export interface SmallResponse {
  readonly status: number;
  readonly body: string;
}

/** Sends a small request once. */
export type Send = (request: SmallRequest) => Promise<SmallResponse>;

const MAX_ANSWER_BYTES = 128 * 1024;

/** Sends a small request over `node:http` or `node:https`: loads faster than `fetch`, which pulls in undici. */
export const send: Send = async message => new Promise((resolve, reject) => {
  const { method, url, headers, body, timeoutMilliseconds, maxAnswerBytes = MAX_ANSWER_BYTES } = message;
  const { request } = url.protocol === 'http:' ? http : https;
  const outgoing = request(url, { method, headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) } }, response => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('error', reject);
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxAnswerBytes) response.destroy(new Error('the answer is too large'));
      chunks.push(chunk);
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
  });
  // A limit for the whole exchange, not for its pauses.
  const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${timeoutMilliseconds} ms`)), timeoutMilliseconds);
  outgoing.on('close', () => clearTimeout(timer));
  outgoing.on('error', reject);
  outgoing.end(body);
});
