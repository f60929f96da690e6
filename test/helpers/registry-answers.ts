import { IncomingHttpHeaders } from 'node:http';
import { Route } from './registry-routes';

/** A complete request. */
export interface Call extends Route {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The answer of a registry. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** An error in the format of the specification. */
export function refused(status: number, code: string, message = code.toLowerCase().replaceAll('_', ' '), headers?: Answer['headers']): Answer {
  return json({ errors: [{ code, message }] }, headers, status);
}

/** A JSON document. */
export function json(content: unknown, headers: Answer['headers'] = {}, status = 200): Answer {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: Buffer.from(JSON.stringify(content)) };
}

/** A web page, from a host that is not a registry. */
export function page(status: number, title: string): Answer {
  return { status, headers: { 'content-type': 'text/html' }, body: Buffer.from(`<!doctype html><title>${title}</title><h1>${title}</h1>`) };
}
