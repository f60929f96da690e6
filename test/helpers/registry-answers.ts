import { IncomingHttpHeaders } from 'node:http';
import { Route } from './registry-routes';

/** A request that has arrived whole. */
export interface Call extends Route {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a registry answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** An error in the words of the specification. */
export function refused(status: number, code: string, message = code.toLowerCase().replaceAll('_', ' '), headers?: Answer['headers']): Answer {
  return json({ errors: [{ code, message }] }, headers, status);
}

/** A JSON document. */
export function json(content: unknown, headers: Answer['headers'] = {}, status = 200): Answer {
  return { status, headers: { ...JSON_TYPE, ...headers }, body: Buffer.from(JSON.stringify(content)) };
}

/** A page for people, from a host that knows nothing of registries. */
export function page(status: number, title: string): Answer {
  return { status, headers: { 'content-type': 'text/html' }, body: Buffer.from(`<!doctype html><title>${title}</title><h1>${title}</h1>`) };
}
