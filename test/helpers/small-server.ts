import * as http from 'node:http';
import { AddressInfo } from 'node:net';

/** A request with its whole body. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A response of JSON, or of another type. */
export interface Told {
  readonly status: number;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly json?: unknown;
  readonly text?: string;
}

/** The streams of a request whose body is not read before. */
export interface Raw {
  readonly request: http.IncomingMessage;
  readonly response: http.ServerResponse;
}

/** The answer of a server; `undefined` if it has written the response itself. */
export type Answering = (asked: Asked, raw: Raw) => Promise<Told | undefined>;

/** A server on loopback. An unexpected request gets the status 500 with the reason. */
export class SmallServer {
  /** @param isWhole whether the body is read before the request is answered. */
  public static async start(answer: Answering, isWhole: (request: http.IncomingMessage) => boolean = () => true): Promise<SmallServer> {
    const server = http.createServer((request, response) => {
      const handle = async () => {
        const chunks: Buffer[] = [];
        if (isWhole(request)) for await (const chunk of request) chunks.push(chunk as Buffer);
        const url = new URL(request.url ?? '/', `http://${request.headers.host}`);
        const asked = { method: request.method ?? '', url, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
        const told = await answer(asked, { request, response });
        if (told === undefined) return;
        const type = told.text === undefined ? 'application/json' : 'text/xml';
        response.writeHead(told.status, { 'content-type': type, ...told.headers });
        response.end(told.text ?? (told.json === undefined ? undefined : JSON.stringify(told.json)));
      };
      handle().catch((error: Error) => {
        if (!response.headersSent) response.writeHead(500);
        response.end(error.message);
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new SmallServer(server);
  }

  private constructor(private readonly server: http.Server) {}

  public get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public get origin(): string {
    return `http://${this.host}`;
  }

  public async stop(): Promise<void> {
    const closed = new Promise(resolve => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
