import { CopyOrder } from './decode';
import { registryOrigins } from './registry-origins';
import { parseEcrHost } from '../../custom-resource/ecr';
import { LOGINS_VARIABLE, RegistryLogin, formatLogin, parseLogins } from '../registry-logins';

/** The environment of the function. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Throws a sentence unless the configuration of the function allows what an event asks for.
 *
 * Anybody who may invoke the function can write an event. The event must not choose where the function sends passwords and images.
 */
export function checkAllowed(order: CopyOrder, environment: Environment): void {
  const allowed = parseLogins(environment[LOGINS_VARIABLE]);
  const logins = loginsOf(order);
  const refused = logins.find(login => !allowed.has(formatLogin(login)));
  if (refused !== undefined) throw new Error(refusalOf(refused));
  const { destination: { host } } = order;
  // The permissions of the role say which repositories of ECR it may write. Any other registry needs a log-in.
  const isKnown = parseEcrHost(host) !== undefined || Object.hasOwn(registryOrigins(environment.REGISTRY_ORIGINS), host);
  if (!isKnown && !logins.some(({ side }) => side === 'destination')) {
    throw new Error(`this function may not write to ${shown(host)}: a registry outside of ECR needs credentials that its stack names`);
  }
}

/** The log-ins that an order needs: one for each side with a secret. */
function loginsOf({ sources: [source], destination, ...order }: CopyOrder): RegistryLogin[] {
  return [
    ...loginOf('source', source.host, order.sourceCredentials, order.sourceTokenHost),
    ...loginOf('destination', destination.host, order.destinationCredentials, order.destinationTokenHost),
  ];
}

function loginOf(side: RegistryLogin['side'], host: string, secretArn?: string, tokenHost?: string): RegistryLogin[] {
  return secretArn === undefined ? [] : [{ side, secretArn, host, tokenHost }];
}

function refusalOf({ side, secretArn, host, tokenHost }: RegistryLogin): string {
  const hosts = [host, ...tokenHost === undefined ? [] : [tokenHost]].map(shown).join(' and ');
  return `this function may not send the secret ${secretArn.slice(0, 300)} to ${hosts} as the ${side}: `
    + `its variable ${LOGINS_VARIABLE} does not list them together; deploy the stack of the function again, which sets the variable`;
}

function shown(host: string): string {
  return host.slice(0, 100);
}
