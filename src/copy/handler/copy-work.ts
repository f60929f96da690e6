import { explain, isDeniedByEcr } from './cures';
import { CopyOrder, decodeOrder, keptTag, liveTag } from './decode';
import { SecretUnavailable, forHost } from './secret-credentials';
import { Work } from '../../custom-resource/protocol';
import { Clock, Pacing } from '../../engine/clock';
import { CopyHooks, CopyOptions, CopyResult, Credentials, CredentialsProvider, formatReference } from '../../engine/contract';
import { copyImage, copyPlatforms } from '../../engine/copy';
import type { ImageCopyData } from '../image-copy-properties';

/** What the copy of a custom resource takes from its surroundings. */
export interface CopyWorkOptions {
  readonly clock: Clock;
  readonly credentials: CredentialsProvider;
  /** Reads user and password from a secret. */
  readonly secret: (arn: string) => Promise<Credentials>;
  /**
   * Throws a sentence when the function may not do what an event asks for. Called before a secret is read or a host is contacted.
   *
   * @default - everything is allowed
   */
  readonly check?: (order: CopyOrder) => void;
  /** Origins of registries that do not listen on `https://host`. */
  readonly origins: () => Readonly<Record<string, string>>;
}

const SHA256 = 'sha256:';
const SPREAD_MILLISECONDS = 30_000;
const PAUSE_MILLISECONDS = 5_000;

/** Create and Update: copies the image that the properties name, and answers with its digest and live tag. */
export function copyWork(options: CopyWorkOptions): Work {
  const { clock } = options;
  // Copies that are served by one process share it.
  const pacing = new Pacing(clock);
  return async ({ ResourceProperties }, { deadline, signal }) => {
    const started = clock.now();
    let streamed = 0;
    const limits = { clock, deadline, signal, pacing, onStreamed: () => streamed++ };
    try {
      const order = decodeOrder(ResourceProperties ?? {});
      options.check?.(order);
      const { digest, referrers, ...counts } = await oncePermitted(clock, signal, async () => copy(order, {
        ...limits, ...await credentialsFor(order, options), tokenHosts: tokenHostsOf(order), origins: options.origins(),
      }));
      const data: ImageCopyData = { DigestHex: digest.slice(SHA256.length), Tag: liveTag(order, digest) };
      const figures = JSON.stringify({ ...counts, referrers, milliseconds: clock.now() - started });
      return { status: 'SUCCESS', data: { ...data }, summary: `${formatReference(order.destination, digest)} ${figures}` };
    } catch (error) {
      // What is there already is not brought again, so the next invocation gets further.
      return { status: clock.now() >= deadline && streamed > 0 ? 'UNFINISHED' : 'FAILED', reason: explain(error) };
    }
  };
}

async function copy(order: CopyOrder, hooks: CopyHooks): Promise<CopyResult> {
  const { sources, destination, sourceTag, referrers, keepWhenThere } = order;
  const options: CopyOptions = {
    sourceTag,
    referrers,
    againTag: keepWhenThere ? digest => keptTag(order, digest) : undefined,
    tags: digest => {
      if (!digest.startsWith(SHA256)) throw new Error(`the image has the digest ${digest}, and only sha256 digests can be deployed`);
      return [{ name: liveTag(order, digest), onOtherDigest: 'fail' }, ...order.tags];
    },
  };
  return sources.length === 1 ? copyImage(sources[0], destination, options, hooks) : copyPlatforms(sources, destination, options, hooks);
}

/** A token host belongs to the secret of its side. Without a secret there is none, so the log-in of ECR never goes there. */
function tokenHostsOf(order: CopyOrder): CopyHooks['tokenHosts'] {
  return {
    source: order.sourceCredentials && order.sourceTokenHost,
    destination: order.destinationCredentials && order.destinationTokenHost,
  };
}

/** Who has a secret for one side logs in there with it, and nowhere else. */
async function credentialsFor(
  { sources: [{ host }], sourceCredentials, destination, destinationCredentials }: CopyOrder, { credentials: own, secret }: CopyWorkOptions,
): Promise<Pick<CopyHooks, 'credentials' | 'sourceCredentials'>> {
  const login = async (to: string, arn?: string) => arn === undefined ? own : forHost(to, await secret(arn), own);
  const credentials = await login(destination.host, destinationCredentials);
  const isShared = host === destination.host && sourceCredentials === destinationCredentials;
  return isShared ? { credentials } : { credentials, sourceCredentials: await login(host, sourceCredentials) };
}

/** A permission that this very deployment has added takes some seconds to spread (ADR 3). */
async function oncePermitted<T>(clock: Clock, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const end = clock.now() + SPREAD_MILLISECONDS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const mayPass = isDeniedByEcr(error) || error instanceof SecretUnavailable;
      if (!mayPass || clock.now() + PAUSE_MILLISECONDS > end) throw error;
      await clock.sleep(PAUSE_MILLISECONDS, signal);
    }
  }
}
