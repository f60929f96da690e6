import { IncomingHttpHeaders, IncomingMessage, RequestListener, Server, createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Certificate } from './hostile-certificate';
import { TestImage, sha256 } from './registry-images';
import { Lookup } from '../../src/engine/public-addresses';

/** A received request. */
export interface Caught {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server of an attacker: it records all requests, and answers as configured. */
export class HostileServer {
  /** Starts one that answers 404 by default, over TLS if it has a certificate. */
  public static async start(answer: RequestListener = notFound, certificate?: Certificate): Promise<HostileServer> {
    const hostile = new HostileServer(answer, certificate);
    await new Promise<void>(resolve => hostile.server.listen(0, '127.0.0.1', resolve));
    return hostile;
  }

  public readonly caught: Caught[] = [];
  /** The number of connections, even without a request. */
  public connections = 0;
  /** The maximum number of concurrent connections. */
  public mostOpen = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(answer: RequestListener, private readonly certificate?: Certificate) {
    const listener: RequestListener = (request, response) => {
      void this.note(request);
      answer(request, response);
    };
    this.server = certificate === undefined ? createServer(listener) : createSecureServer({ ...certificate }, listener);
    this.server.on('connection', socket => {
      this.connections++;
      this.sockets.add(socket);
      this.mostOpen = Math.max(this.mostOpen, this.sockets.size);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** Host and port: by name if it uses TLS, because a certificate contains a host name. */
  public get host(): string {
    return `${this.certificate === undefined ? '127.0.0.1' : 'localhost'}:${(this.server.address() as AddressInfo).port}`;
  }

  /** Its address. */
  public get origin(): string {
    return `${this.certificate === undefined ? 'http' : 'https'}://${this.host}`;
  }

  /** Resolves when all clients have disconnected. */
  public async abandoned(): Promise<void> {
    for (const socket of this.sockets) await new Promise(resolve => socket.once('close', resolve));
  }

  /** Closes all connections. */
  public async stop(): Promise<void> {
    this.sockets.forEach(socket => socket.destroy());
    await new Promise(resolve => this.server.close(resolve));
  }

  private async note(request: IncomingMessage): Promise<void> {
    const { method = '', url = '', headers } = request;
    const entry = { method, url, headers, body: '' };
    this.caught.push(entry);
    entry.body = (await buffer(request).catch(() => Buffer.alloc(0))).toString('latin1');
  }
}

/** A resolver with a fixed list of names; it returns one of several addresses after the other. */
export class Resolver {
  /** The resolved names. */
  public readonly asked: string[] = [];

  constructor(private readonly names: Readonly<Record<string, readonly (readonly string[])[]>> = {}) {}

  /** For `CopyHooks.lookup`. */
  public readonly lookup: Lookup = (name, { all }, callback) => {
    const answers = Object.hasOwn(this.names, name) ? this.names[name] : [];
    const addresses = answers.length === 0 ? [] : answers[this.asked.filter(each => each === name).length % answers.length];
    this.asked.push(name);
    if (addresses.length === 0) {
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), '');
      return;
    }
    const found = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (all) callback(null, found);
    else callback(null, found[0].address, found[0].family);
  };
}

/** Sends an endless body as fast as the client reads it, until the client disconnects. */
export function endlessly(response: NodeJS.WritableStream & { destroyed?: boolean }, chunk: Buffer = Buffer.alloc(16 * 1024, 'x')): void {
  const more = () => {
    while (response.destroyed !== true && response.write(chunk)) ;
    if (response.destroyed !== true) response.once('drain', more);
  };
  more();
}

/** Sends an endless body, one byte at a time. */
export function drip(response: NodeJS.WritableStream & { destroyed?: boolean }, onByte: () => void = () => undefined): void {
  const timer = setInterval(() => {
    if (response.destroyed === true) {
      clearInterval(timer);
      return;
    }
    response.write('x');
    onByte();
  }, 1);
}

const notFound: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(404).end();
};

/** Serves one image like a registry, with any headers. */
export function serving(image: TestImage, headers: Readonly<Record<string, string | string[]>> = {}): RequestListener {
  return ({ method, url = '' }, response) => {
    const version = url.slice(url.lastIndexOf('/') + 1);
    const blob = image.blobs.find(each => sha256(each) === version);
    const body = url.includes('/manifests/') ? image.bytes : blob;
    const type = url.includes('/manifests/') ? image.mediaType : 'application/octet-stream';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type, ...headers }).end(method === 'HEAD' ? undefined : body);
  };
}
