import * as http from 'node:http';
import { ArmDouble } from './azure-arm';
import { EntraDouble } from './azure-entra';
import { formOf } from './azure-specification';
import { SigningKey } from './jwt';
import { Asked, Raw, SmallServer, Told } from './small-server';

const USERNAME = '00000000-0000-0000-0000-000000000000';
const REFRESH_SECONDS = 3 * 3600;
const ACCESS_SECONDS = 4500;

/** The permissions of the identity for images. */
export type AcrRole = 'AcrPush' | 'AcrPull' | 'none';

/** The account of a registry. */
interface Around {
  readonly arm: ArmDouble;
  readonly entra: EntraDouble;
  readonly now: () => number;
}

/**
 * The login server of one registry: token exchange in front of a real registry.
 *
 * @see https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
export class AcrDouble {
  /** @param backend the origin of a registry without a password. */
  public static async start(name: string, backend: string, around: Around): Promise<AcrDouble> {
    const acr = new AcrDouble(name, backend, around);
    acr.server = await SmallServer.start(async (asked, raw) => acr.answer(asked, raw), ({ url = '' }) => !url.startsWith('/v2/'));
    return acr;
  }

  public role: AcrRole = 'AcrPush';
  /** All refresh tokens. */
  public readonly tokens: string[] = [];
  public readonly accessTokens: string[] = [];
  public isReachable = true;
  /** The repositories of a backend that has no list of them. */
  public repositoriesIn?: () => string[];
  private readonly key = new SigningKey('acr-1');
  private server?: SmallServer;

  private constructor(private readonly name: string, private readonly backend: string, private readonly around: Around) {}

  public get loginServer(): string {
    return `${this.name}.azurecr.io`;
  }

  public get origin(): string {
    return this.server?.origin ?? '';
  }

  public async stop(): Promise<void> {
    await this.server?.stop();
  }

  private async answer(asked: Asked, raw: Raw): Promise<Told | undefined> {
    if (this.around.arm.registries.get(this.name)?.state !== 'Succeeded') return failed(404, 'NOT_FOUND', 'the registry does not exist');
    if (!this.isReachable) {
      return failed(403, 'DENIED', 'client with IP \'192.0.2.1\' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.');
    }
    const { method, url: { pathname } } = asked;
    switch (`${method} ${pathname}`) {
      case 'POST /oauth2/exchange': return this.exchange(asked);
      case 'POST /oauth2/token': return this.refreshed(asked);
      case 'GET /oauth2/token': return this.loggedIn(asked);
      case 'GET /acr/v1/_catalog': return this.catalog(asked);
      default: return pathname.startsWith('/v2/') ? this.forward(asked, raw) : failed(404, 'NOT_FOUND', pathname);
    }
  }

  private exchange({ body }: Asked): Told {
    const { service, tenant, access_token: token } = formOf('Authentication_ExchangeAadAccessTokenForAcrRefreshToken', body);
    try {
      const { tid } = this.around.entra.verified(token, 'https://containerregistry.azure.net', 'https://management.azure.com');
      if (service !== this.loginServer || tenant !== tid || this.role === 'none') throw new Error('not for this registry');
    } catch {
      return unauthorized();
    }
    const iat = Math.floor(this.around.now() / 1000);
    const refreshToken = this.key.sign({
      jti: `${this.tokens.length}`, aud: this.loginServer, iss: 'Azure Container Registry', iat, exp: iat + REFRESH_SECONDS, grant_type: 'refresh_token',
    });
    this.tokens.push(refreshToken);
    return { status: 200, json: { refresh_token: refreshToken } };
  }

  private refreshed({ body }: Asked): Told {
    const { scope, refresh_token: token } = formOf('Authentication_ExchangeAcrRefreshTokenForAcrAccessToken', body);
    return this.access(token, [scope]);
  }

  private loggedIn({ url, headers }: Asked): Told {
    // Docker and Skopeo add the account, which the Azure specification does not mention.
    const query = new URLSearchParams([...url.searchParams].filter(([name]) => name !== 'account'));
    formOf('Authentication_GetAcrAccessTokenFromLogin', query.toString());
    const scopes = url.searchParams.getAll('scope');
    const [username, password] = Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString('utf8').split(/:(.*)/s);
    if (username === USERNAME) return this.access(password, scopes);
    const registry = this.around.arm.registries.get(this.name);
    const isAdmin = registry?.properties.adminUserEnabled === true && username === registry.name && registry.passwords.includes(password);
    return isAdmin ? this.granted(scopes) : unauthorized();
  }

  private access(refreshToken: string, scopes: readonly string[]): Told {
    try {
      if (this.key.verified(refreshToken, this.around.now()).aud !== this.loginServer) return unauthorized();
    } catch {
      return unauthorized();
    }
    return this.granted(scopes);
  }

  private granted(scopes: readonly string[]): Told {
    const allowed = this.role === 'AcrPush' ? ['pull', 'push', '*'] : ['pull', '*'];
    const access = scopes.map(scope => {
      const [type, name, actions = ''] = scope.split(':');
      return { type, name, actions: actions.split(',').filter(action => allowed.includes(action)) };
    });
    const iat = Math.floor(this.around.now() / 1000);
    const token = this.key.sign({ jti: `access-${this.accessTokens.length}`, aud: this.loginServer, iat, exp: iat + ACCESS_SECONDS, access });
    this.accessTokens.push(token);
    return { status: 200, json: { access_token: token } };
  }

  private async catalog({ headers }: Asked): Promise<Told> {
    if (!this.mayUse(headers.authorization, 'catalog', '*')) return unauthorized();
    const listed = async () => fetch(`${this.backend}/v2/_catalog`).then(async answer => (await answer.json() as { repositories: string[] }).repositories);
    const repositories = this.repositoriesIn?.() ?? await listed();
    return { status: 200, json: { repositories: repositories.length === 0 ? null : repositories } };
  }

  private mayUse(authorization: string | undefined, name: string, action: string): boolean {
    try {
      const { access, aud } = this.key.verified((authorization ?? '').replace(/^Bearer /, ''), this.around.now());
      const granted = access as { name: string; actions: string[] }[];
      return aud === this.loginServer && granted.some(each => each.name === name && each.actions.includes(action));
    } catch {
      return false;
    }
  }

  /** Forwards a request of the OCI Distribution API to the real registry. */
  private forward({ method, url }: Asked, { request, response }: Raw): Promise<undefined> | Told {
    const repository = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(url.pathname)?.[1];
    const action = ['GET', 'HEAD'].includes(method) ? 'pull' : 'push';
    if (repository === undefined || !this.mayUse(request.headers.authorization, repository, action)) {
      request.resume();
      const scope = repository === undefined ? '' : `,scope="repository:${repository}:${action === 'pull' ? 'pull' : 'pull,push'}"`;
      const isAllowed = repository === undefined && this.isKnown(request.headers.authorization);
      const challenge = `Bearer realm="http://${request.headers.host}/oauth2/token",service="${this.loginServer}"${scope}`;
      return isAllowed ? { status: 200, json: {} } : { ...unauthorized(), headers: { 'www-authenticate': challenge } };
    }
    return new Promise((resolve, reject) => {
      const { authorization: _, ...headers } = request.headers;
      const onward = http.request(new URL(request.url ?? '/', this.backend), { method, headers }, answer => {
        const { location } = answer.headers;
        const here = location === undefined ? {} : { location: location.replace(this.backend, '') };
        response.writeHead(answer.statusCode ?? 500, { ...answer.headers, ...here });
        answer.pipe(response).on('finish', () => resolve(undefined)).on('close', () => resolve(undefined));
      });
      onward.on('error', reject);
      request.pipe(onward);
    });
  }

  private isKnown(authorization?: string): boolean {
    try {
      return this.key.verified((authorization ?? '').replace(/^Bearer /, ''), this.around.now()).aud === this.loginServer;
    } catch {
      return false;
    }
  }
}

function unauthorized(): Told {
  return failed(401, 'UNAUTHORIZED', 'authentication required, visit https://aka.ms/acr/authorization for more information.');
}

function failed(status: number, code: string, message: string): Told {
  return { status, json: { errors: [{ code, message }] } };
}
