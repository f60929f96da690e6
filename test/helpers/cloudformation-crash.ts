import { once } from 'node:events';
import { Agent, IncomingMessage, Server, ServerResponse, createServer, request as send } from 'node:http';
import { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request at which the process crashes: before the registry sees it, in the middle of it, or after the registry has completed it. */
export interface Crash {
  readonly moment: 'before' | 'within' | 'after';
  /** Searched in `METHOD /path`. */
  readonly of: RegExp;
  /** The number of the request among the matching ones, from 1. */
  readonly nth: number;
}

/** The only connection of a process to the registry. It closes permanently when the process crashes. */
export class CrashGate {
  public static async open(target: string, crash: Crash, onDeath: () => void): Promise<CrashGate> {
    const gate = new CrashGate(target, crash, onDeath);
    await new Promise<void>(resolve => gate.server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  private readonly server: Server;
  private readonly agent = new Agent({ keepAlive: true });
  private count = 0;

  private constructor(private readonly target: string, private readonly crash: Crash, private readonly onDeath: () => void) {
    this.server = createServer((request, response) => void this.pass(request, response).catch(() => response.destroy()));
  }

  /** The address of the registry for the process. */
  public get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Closes all connections. */
  public close(): void {
    this.server.closeAllConnections();
    this.server.close();
    this.agent.destroy();
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const { of, nth, moment } = this.crash;
    const fatal = of.test(`${method} ${url}`) && ++this.count === nth ? moment : undefined;
    const body = await buffer(request);
    if (fatal === 'before') return this.die();
    const outgoing = send(`${this.target}${url}`, { method, headers, agent: this.agent });
    if (fatal === 'within' && body.length > 0) {
      outgoing.on('error', () => undefined);
      outgoing.write(body.subarray(0, body.length / 2), () => this.die());
      return undefined;
    }
    outgoing.end(body);
    const [answer] = await once(outgoing, 'response') as [IncomingMessage];
    const content = await buffer(answer);
    if (fatal === 'after') return this.die();
    // A client that follows the Location of the registry returns through here.
    const { location, ...rest } = answer.headers;
    response.writeHead(answer.statusCode ?? 0, { ...rest, ...(location !== undefined && { location: location.replace(this.target, this.origin) }) });
    if (fatal === undefined) {
      response.end(content);
      return undefined;
    }
    response.write(content.subarray(0, content.length / 2), () => this.die());
    return undefined;
  }

  private die(): void {
    this.onDeath();
    this.close();
  }
}
