// The construct writes what the function compares, so both sides take it from here.

/** The environment variable of the copy function that lists every log-in that the function may do. */
export const LOGINS_VARIABLE = 'REGISTRY_LOGINS';

/** A log-in: which secret goes to which host. */
export interface RegistryLogin {
  /** Whether the function reads from the host or writes to it. */
  readonly side: 'source' | 'destination';
  /** ARN of the secret with user and password. */
  readonly secretArn: string;
  /** Host of the registry, with its port if it has one. */
  readonly host: string;
  /**
   * Another host that gets user and password in exchange for a token.
   *
   * @default - none
   */
  readonly tokenHost?: string;
}

const SEPARATOR = ',';

/** A log-in as text. No field can contain a space or a comma, so different log-ins are different texts. */
export function formatLogin({ side, secretArn, host, tokenHost }: RegistryLogin): string {
  return [side, secretArn, host, ...tokenHost === undefined ? [] : [tokenHost]].join(' ');
}

/** The value of the environment variable. */
export function formatLogins(logins: readonly string[]): string {
  return logins.join(SEPARATOR);
}

/** The log-ins in the value of the environment variable, as texts. Without a value there are none. */
export function parseLogins(value = ''): ReadonlySet<string> {
  return new Set(value.split(SEPARATOR).filter(login => login !== ''));
}
