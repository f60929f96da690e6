import { IncomingHttpHeaders, request as send } from 'node:http';

/** The answer of a registry. */
export interface Said {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The parameters of a request. */
export interface Question {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** One plain request, with the given headers only. Redirects are not followed. */
export async function ask(method: string, url: string | URL, { headers = {}, body = '' }: Question = {}): Promise<Said> {
  return new Promise((resolve, reject) => {
    const length = method === 'GET' || method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = send(url, { method, headers: { ...length, ...headers }, agent: false, maxHeaderSize: 64 * 1024 }, response => {
      const chunks: Buffer[] = [];
      const status = response.statusCode ?? 0;
      const finish = () => resolve({ status, headers: response.headers, body: Buffer.concat(chunks) });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', finish);
      // Some registries announce another length than that of their error.
      response.on('error', status < 400 ? reject : finish);
    });
    outgoing.on('error', reject).end(body);
  });
}
