import { Access, Time, basic } from './registry-access';
import { Call, json, refused } from './registry-answers';
import { Credentials } from '../../src/engine/contract';

/** How clients get tokens of a registry. */
export interface BearerOptions {
  /** URL of the token endpoint. */
  readonly realm: (origin: string) => string;
  readonly service: string;
  /** @default - there are no credentials, and none are required */
  readonly credentials?: Credentials;
  /** The permissions of anonymous clients. @default - all if there are no credentials, otherwise none */
  readonly anonymous?: readonly string[];
  /** The lifetime of a token in seconds. @default - unlimited */
  readonly lifetime?: number;
  readonly clock?: Time;
}

/** Tokens for certain repositories and actions, for clients with the right password. */
export function bearerAccess({ realm, service, credentials, anonymous, lifetime = Infinity, clock = { now: () => 0 } }: BearerOptions): Access {
  const strangers = anonymous ?? (credentials === undefined ? ['pull', 'push', 'delete'] : []);
  return {
    refuse: (call, origin) => {
      const token = readToken(call.headers.authorization);
      const needed = neededFor(call);
      const challenge = `Bearer realm="${realm(origin)}",service="${service}",scope="${needed.join(' ')}"`;
      if (token === undefined || clock.now() >= (token.expires ?? Infinity)) {
        return refused(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': challenge });
      }
      return needed.flatMap(eachAction).every(scope => token.scopes.includes(scope))
        ? undefined
        : refused(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': `${challenge},error="insufficient_scope"` });
    },
    token: ({ url, headers: { authorization } }) => {
      const known = credentials !== undefined && authorization === basic(credentials.username, credentials.password);
      if (authorization !== undefined && credentials !== undefined && !known) return refused(401, 'UNAUTHORIZED', 'incorrect username or password');
      const scopes = url.searchParams.getAll('scope').flatMap(each => each.split(' ')).flatMap(eachAction).filter(scope => known || strangers.includes(scope.split(':')[2]));
      const expires = Number.isFinite(lifetime) ? clock.now() + lifetime * 1000 : undefined;
      return json({ token: `token-canary-${Buffer.from(JSON.stringify({ scopes, expires })).toString('base64url')}`, expires_in: lifetime });
    },
    issue: () => credentials,
  };
}

interface Token {
  readonly scopes: readonly string[];
  readonly expires?: number;
}

function readToken(authorization: string | undefined): Token | undefined {
  const [, encoded] = /^Bearer token-canary-(.+)$/.exec(authorization ?? '') ?? [];
  return encoded === undefined ? undefined : JSON.parse(Buffer.from(encoded, 'base64url').toString());
}

/** `repository:a:pull,push` means `repository:a:pull` and `repository:a:push`. */
function eachAction(scope: string): string[] {
  const [type, name, actions] = scope.split(':');
  return actions.split(',').map(action => `${type}:${name}:${action}`);
}

function neededFor({ kind, name, url }: Call): string[] {
  const method = kind.split(' ')[0];
  const from = url.searchParams.get('from');
  if (name === '') return [];
  if (method === 'GET' || method === 'HEAD') return [`repository:${name}:pull`];
  return [`repository:${name}:${method === 'DELETE' ? 'delete' : 'pull,push'}`, ...(from === null ? [] : [`repository:${from}:pull`])];
}
