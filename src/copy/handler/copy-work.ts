import { explain, isDeniedByEcr } from './cures';
import { Work } from './custom-resource';
import { decodeOrder, liveTag } from './decode';
import { SecretUnavailable, forHost } from './secret-credentials';
import { Clock } from '../engine/clock';
import { Credentials, CredentialsProvider, TagRequest } from '../engine/contract';
import { copyImage } from '../engine/copy';
import { formatReference } from '../engine/reference';
import type { ImageCopyData } from '../image-copy-properties';

/** What the copy of a custom resource takes from its surroundings. */
export interface CopyWorkOptions {
  readonly clock: Clock;
  readonly credentials: CredentialsProvider;
  /** Reads user and password from a secret. */
  readonly secret: (arn: string) => Promise<Credentials>;
  /** Origins of registries that do not listen on `https://host`. */
  readonly origins: () => Readonly<Record<string, string>>;
}

const SHA256 = 'sha256:';
const SPREAD_MILLISECONDS = 30_000;
const PAUSE_MILLISECONDS = 5_000;

/** Create and Update: copies the image that the properties name, and answers with its digest and live tag. */
export function copyWork({ clock, credentials: own, secret, origins }: CopyWorkOptions): Work {
  return async ({ ResourceProperties }, { deadline, signal }) => {
    const started = clock.now();
    try {
      const order = decodeOrder(ResourceProperties ?? {});
      const { source, sourceCredentials, destination, destinationCredentials } = order;
      const credentials = async () => {
        let all = own;
        for (const [{ host }, arn] of [[source, sourceCredentials], [destination, destinationCredentials]] as const) {
          if (arn !== undefined) all = forHost(host, await secret(arn), all);
        }
        return all;
      };
      const tags = (digest: string): TagRequest[] => {
        if (!digest.startsWith(SHA256)) throw new Error(`the image has the digest ${digest}, and only sha256 digests can be deployed`);
        return [{ name: liveTag(order, digest), onOtherDigest: 'fail' }, ...order.tags];
      };
      const result = await oncePermitted(clock, signal, async () => copyImage(
        source, destination, { tags }, { clock, credentials: await credentials(), deadline, signal, origins: origins() },
      ));
      const { digest, ...counts } = result;
      const data: ImageCopyData = { DigestHex: digest.slice(SHA256.length), Tag: liveTag(order, digest) };
      const figures = JSON.stringify({ ...counts, milliseconds: clock.now() - started });
      return { status: 'SUCCESS', data: { ...data }, summary: `${formatReference(destination, digest)} ${figures}` };
    } catch (error) {
      return { status: 'FAILED', reason: explain(error) };
    }
  };
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
