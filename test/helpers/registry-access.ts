import { Answer, Call, refused } from './registry-answers';
import { Credentials } from '../../src/engine/contract';

/** The clients that have access, and their credentials. */
export interface Access {
  /** The answer to a client without access. */
  refuse(call: Call, origin: string): Answer | undefined;

  /** The answer of the token endpoint. */
  token?(call: Call): Answer;

  /** The current credentials of an authorized client. */
  issue(): Credentials | undefined;
}

/** Milliseconds since some start. */
export interface Time {
  now(): number;
}

/** Everybody can do everything. */
export function openAccess(): Access {
  return { refuse: () => undefined, issue: () => undefined };
}

/** `user:password` as Basic authorization, without expiration. The registry repeats the credentials in its errors. */
export function basicAccess(userAndPassword: string): Access {
  const [username, password] = userAndPassword.split(':');
  return {
    refuse: ({ headers: { authorization } }) => authorization === basic(username, password)
      ? undefined
      : refused(401, 'UNAUTHORIZED', `got ${authorization}`, { 'www-authenticate': 'Basic realm="test"' }),
    issue: () => ({ username, password }),
  };
}

const HALF_A_DAY = 12 * 60 * 60 * 1000;

/** ECR: a password for twelve hours, for the user `AWS`. After that the answer is 403, without a challenge. */
export function ecrAccess(clock: Time, canary = 'ecr-canary'): Access {
  return {
    refuse: ({ headers: { authorization } }, origin) => {
      const [user, password] = Buffer.from(authorization?.replace(/^Basic /, '') ?? '', 'base64').toString().split(':');
      const expires = user === 'AWS' && password?.startsWith(`${canary}-`) ? Number(password.slice(canary.length + 1)) : undefined;
      if (expires === undefined) {
        const challenge = `Basic realm="${origin}/",service="ecr.amazonaws.com"`;
        return { status: 401, headers: { 'content-type': 'text/plain; charset=utf-8', 'www-authenticate': challenge }, body: Buffer.from('Not Authorized\n') };
      }
      return clock.now() < expires ? undefined : refused(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.');
    },
    issue: () => ({ username: 'AWS', password: `${canary}-${clock.now() + HALF_A_DAY}` }),
  };
}

/** The header for a user name and a password. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
