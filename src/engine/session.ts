import { setMaxListeners } from 'node:events';
import { Authenticator } from './auth';
import { systemClock } from './clock';
import { RepositoryConnection } from './connection';
import { CopyHooks, Side } from './contract';
import { Failure } from './errors';
import { HttpTransport } from './http';
import { Pacing } from './pacing';
import { RepositoryReference } from './reference';
import { RegistryClient } from './registry-client';
import { Retrier } from './retry';

/** Connects to the source repositories and to the destination for the time of one copy. */
export async function inSession<T>(
  sources: readonly RepositoryReference[],
  destination: RepositoryReference,
  hooks: CopyHooks,
  work: (from: readonly RegistryClient[], to: RegistryClient) => Promise<T>,
): Promise<T> {
  return inTime(hooks, async signal => {
    const { clock = systemClock, deadline = Infinity, origins = {} } = hooks;
    const trusted = Object.values(origins).map(origin => new URL(origin).origin);
    const transport = new HttpTransport({ clock, signal, lookup: hooks.lookup, trusted });
    const retrier = new Retrier(clock, deadline, signal);
    const pacing = hooks.pacing ?? new Pacing(clock);
    const connect = (side: Side, repository: RepositoryReference, scopes: readonly string[]) => {
      const { host } = repository;
      const origin = new URL(Object.hasOwn(origins, host) ? origins[host] : `https://${host}`);
      const tokenHost = hooks.tokenHosts?.[side];
      const provider = side === 'source' ? hooks.sourceCredentials ?? hooks.credentials : hooks.credentials;
      const authenticator = new Authenticator({ host, origin, tokenHost, scopes, provider, transport, clock });
      const connection = new RepositoryConnection({ side, repository, origin, transport, authenticator, pace: pacing.of(host), clock, signal });
      return new RegistryClient(connection, retrier);
    };
    const pull = ({ repository }: RepositoryReference) => `repository:${repository}:pull`;
    // To mount is to read at the source with the log-in of the destination.
    const mounts = sources.filter(({ host }) => host === destination.host).map(pull);
    try {
      const from = sources.map(source => connect('source', source, [pull(source)]));
      return await work(from, connect('destination', destination, [`${pull(destination)},push`, ...new Set(mounts)]));
    } finally {
      transport.close();
    }
  });
}

/** Ends the work at the deadline or when the caller cancels, with all its connections. */
async function inTime<T>(hooks: CopyHooks, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const clock = hooks.clock ?? systemClock;
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const cancel = () => controller.abort(new Failure('the copy was cancelled'));
  hooks.signal?.addEventListener('abort', cancel, { once: true });
  if (hooks.signal?.aborted) cancel();
  const stop = hooks.deadline === undefined ? undefined : clock.timer(Math.max(0, hooks.deadline - clock.now()), () => {
    controller.abort(new Failure('the time allowed for the copy ran out'));
  });
  try {
    return await work(controller.signal);
  } finally {
    stop?.();
    hooks.signal?.removeEventListener('abort', cancel);
  }
}
