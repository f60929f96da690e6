import { createHash, createHmac } from 'node:crypto';

/** A request with an AWS signature (version 4). */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** With lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** The signer of a request, and the signed parts. */
export interface Signature {
  /** The names of the signed headers. */
  readonly signed: readonly string[];
  readonly region: string;
  readonly service: string;
  /** The ID of the access key. */
  readonly key: string;
}

const PATTERN = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** The signature of a request, valid or not. Throws an error message if there is none. */
export function readSignature({ headers }: SignedRequest): Signature & { readonly date: string; readonly value: string } {
  const [, key, date, region, service, names, value] = PATTERN.exec(headers.authorization ?? '') ?? [];
  if (value === undefined) throw new Error('the request is not signed');
  return { key, date, region, service, signed: names.split(';'), value };
}

/** The signature of a request, if it is valid. Throws an error message otherwise. */
export function verifySignature(request: SignedRequest, secret: string): Signature {
  const { method, path, headers, body } = request;
  const { key, date, region, service, signed, value } = readSignature(request);
  const names = signed.join(';');
  const url = new URL(path, 'https://host');
  const query = [...url.searchParams].map(pair => pair.map(encodeURIComponent).join('=')).sort().join('&');
  const canonical = [method, url.pathname, query, ...signed.map(name => `${name}:${(headers[name] ?? '').trim()}`), '', names, hash(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], `${date}/${region}/${service}/aws4_request`, hash(canonical)].join('\n');
  const expected = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
  if (hmac(expected, text).toString('hex') !== value) throw new Error('the signature is wrong');
  return { signed, region, service, key };
}
