import { createServer, IncomingMessage, request as send, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { GoogleCloud } from './google-cloud';

const PATH = /^\/v2\/((?:[a-z0-9-]+\.[a-z0-9.-]+\/)?[a-z0-9-]+)\/([a-z0-9.-]+)\/(.+)$/;

/**
 * `*-docker.pkg.dev` in front of a real registry: exchanges an access token for a registry token, and knows the repositories of Artifact Registry.
 *
 * A repository that is created again has no images of the previous one.
 */
export class GoogleDocker {
  public static async start(google: GoogleCloud, upstream: string, location = 'europe-west1'): Promise<GoogleDocker> {
    const front = new GoogleDocker(google, upstream, location);
    await new Promise<void>(resolve => front.server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  /** The users and paths of all token requests. */
  public readonly logins: string[] = [];
  private readonly server: Server;
  private readonly tokens = new Map<string, string>();
  private readonly paths = new Map<string, Set<string>>();

  private constructor(private readonly google: GoogleCloud, private readonly upstream: string, private readonly location: string) {
    this.server = createServer((request, response) => this.serve(request, response));
  }

  /** The host of its images. */
  public get host(): string {
    return `${this.location}-docker.pkg.dev`;
  }

  public get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The number of images that a repository of Artifact Registry has. */
  public async images(name: string): Promise<number> {
    const counts = [...this.paths.get(name) ?? []].map(async path => {
      const answer = await fetch(`${this.upstream}/v2/${path}/tags/list`);
      const { tags } = answer.ok ? await answer.json() as { tags: string[] | null } : { tags: [] };
      return (tags ?? []).length;
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const { url = '', headers: { authorization = '' } } = request;
    const refuse = (status: number, code: string, more: Record<string, string> = {}) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify({ errors: [{ code, message: code }] }));
    };
    if (url.startsWith('/v2/token')) {
      const [user, password = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString().split(/:(.*)/s);
      this.logins.push(user);
      if (user !== 'oauth2accesstoken' || !this.google.isValid(password)) return refuse(401, 'UNAUTHORIZED');
      const token = `registry-canary-${this.tokens.size + 1}`;
      this.tokens.set(token, password);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token, expires_in: 3600 }));
      return undefined;
    }
    const held = this.tokens.get(authorization.replace(/^Bearer /, ''));
    if (held === undefined || !this.google.isValid(held)) {
      return refuse(401, 'UNAUTHORIZED', { 'www-authenticate': `Bearer realm="${this.origin}/v2/token",service="${this.host}"` });
    }
    if (/^\/v2\/?$/.test(url)) {
      response.writeHead(200, { 'docker-distribution-api-version': 'registry/2.0' }).end('{}');
      return undefined;
    }
    const [, project = '', id = '', rest = ''] = PATH.exec(url) ?? [];
    const name = `projects/${project.replace('/', ':')}/locations/${this.location}/repositories/${id}`;
    const repository = this.google.repositories.get(name);
    if (repository === undefined) return refuse(404, 'NAME_UNKNOWN');
    const life = `g${Date.parse(String(repository.createTime))}`;
    const known = this.paths.get(name) ?? new Set();
    this.paths.set(name, known.add(`${life}/${project}/${id}/${rest.replace(/\/(manifests|blobs|tags|referrers)\/.*$/, '')}`));
    this.forward(request, response, url.replace(/^\/v2\//, `/v2/${life}/`).replace(/([?&]from=)/, `$1${life}%2F`), life);
    return undefined;
  }

  private forward(request: IncomingMessage, response: ServerResponse, path: string, life: string): void {
    const headers = { ...request.headers };
    delete headers.authorization;
    headers.host = new URL(this.upstream).host;
    const upstream = send(new URL(path, this.upstream), { method: request.method, headers }, answer => {
      const { location } = answer.headers;
      const target = location && new URL(location, this.upstream).href.replace(this.upstream, '');
      const moved = target ? { location: target.replace(`/v2/${life}/`, '/v2/') } : {};
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...moved });
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    request.pipe(upstream);
  }
}
