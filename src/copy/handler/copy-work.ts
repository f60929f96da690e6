import { EcrCredentials, SecretUnavailable, fixed, forHost, readSecret, registryOrigins } from './credentials';
import { CopyOrder, checkAllowed, decodeOrder, keptTag, liveTag } from './decode';
import { explain, isDeniedByEcr } from './fixes';
import { identityProviders } from './identities';
import { AwsSeams } from '../../custom-resource/aws';
import { parseEcrHost } from '../../custom-resource/ecr';
import { Outcome, Work, WorkLimits, Seams, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { truncateUtf8 } from '../../custom-resource/text';
import { Clock, Pacing } from '../../engine/clock';
import { CopyHooks, CopyOptions, CopyResult, Credentials, CredentialsProvider, formatReference } from '../../engine/contract';
import { copyImage, copyPlatforms } from '../../engine/copy';
import { SPREADING, repeat } from '../../engine/retry';
import type { ImageCopyData } from '../image-copy-properties';

/** The environment of `copyWork`. */
export interface CopyWorkOptions {
  readonly clock: Clock;
  readonly credentials: CredentialsProvider;
  /** Reads user and password from a secret. */
  readonly secret: (arn: string) => Promise<Credentials>;
  /**
   * The credentials of an identity in another cloud.
   *
   * @default - no identity is known
   */
  readonly identity?: (text: string) => CredentialsProvider;
  /**
   * Throws a sentence if an event requests something that the function may not do. Called before a secret is read or a host is contacted.
   *
   * @default - everything is allowed
   */
  readonly check?: (order: CopyOrder) => void;
  /** Origins of registries that do not listen on `https://host`. */
  readonly origins: () => Readonly<Record<string, string>>;
}

/** The options of a Lambda function. The credentials live as long as the process, so one token is used for many copies. */
export function optionsOf(seams: AwsSeams): CopyWorkOptions {
  return {
    clock: seams.clock,
    credentials: new EcrCredentials(seams),
    secret: async arn => readSecret(arn, seams),
    identity: identityProviders(seams),
    check: order => checkAllowed(order, seams.environment),
    origins: () => registryOrigins(seams.environment.REGISTRY_ORIGINS),
  };
}

const SHA256 = 'sha256:';

/** Copies images with the credentials that they need. */
export type Copier = (order: CopyOrder, limits: WorkLimits, onStreamed?: () => void) => Promise<CopyResult>;

/** A copier for all events of a process. */
export function copier(options: CopyWorkOptions): Copier {
  const { clock } = options;
  // All copies of this process share it.
  const pacing = new Pacing(clock);
  return async (order, { deadline, signal }, onStreamed) => {
    options.check?.(order);
    return oncePermitted(clock, signal, async () => copy(order, {
      clock, deadline, signal, pacing, onStreamed,
      ...await credentialsFor(order, options), tokenHosts: tokenHostsOf(order), origins: options.origins(), verifiesUploads,
    }));
  };
}

/** The work for Create and Update: copies the image and returns its digest and live tag. */
export function copyWork(options: CopyWorkOptions): Work {
  const { clock } = options;
  const run = copier(options);
  return async ({ ResourceProperties }, limits) => {
    const started = clock.now();
    let streamed = 0;
    try {
      const order = decodeOrder(ResourceProperties ?? {});
      const result = await run(order, limits, () => streamed++);
      return published(order, result, clock.now() - started);
    } catch (error) {
      // The next invocation makes further progress, because existing blobs are not copied again.
      return { status: clock.now() >= limits.deadline && streamed > 0 ? 'UNFINISHED' : 'FAILED', reason: explain(error) };
    }
  };
}

/** The outcome for an image that is in its repository with all tags. */
export function published(order: CopyOrder, { digest, ...figures }: CopyResult, milliseconds: number): Outcome {
  const data: ImageCopyData = { DigestHex: digest.slice(SHA256.length), Tag: liveTag(order, digest) };
  return { status: 'SUCCESS', data: { ...data }, summary: `${formatReference(order.destination, digest)} ${JSON.stringify({ ...figures, milliseconds })}` };
}

async function copy(order: CopyOrder, hooks: CopyHooks): Promise<CopyResult> {
  const { sources, destination, sourceTag, referrers, platforms, keepWhenThere, isPushed, detachAttestations } = order;
  const options: CopyOptions = {
    sourceTag,
    referrers,
    platforms,
    isPushed,
    detachAttestations,
    againTag: keepWhenThere ? digest => keptTag(order, digest) : undefined,
    tags: digest => {
      if (!digest.startsWith(SHA256)) throw new Error(`the image has the digest ${digest}, and only sha256 digests can be deployed`);
      return [{ name: liveTag(order, digest), onOtherDigest: 'fail' }, ...order.tags];
    },
  };
  return sources.length === 1 ? copyImage(sources[0], destination, options, hooks) : copyPlatforms(sources, destination, options, hooks);
}

/**
 * Whether the registry verifies the digest of each uploaded layer. ECR does (`InvalidLayerException`).
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CompleteLayerUpload.html
 */
function verifiesUploads(host: string): boolean {
  return parseEcrHost(host) !== undefined;
}

/** The token hosts of both sides. A side without a secret has none, so ECR credentials are never sent to a token host. */
function tokenHostsOf(order: CopyOrder): CopyHooks['tokenHosts'] {
  return {
    source: order.sourceCredentials && order.sourceTokenHost,
    destination: order.destinationCredentials && order.destinationTokenHost,
  };
}

/** The credentials. A secret or an identity for one side is only used for the host of that side. */
async function credentialsFor(
  { sources: [{ host }], sourceCredentials, sourceIdentity, destination, destinationCredentials, destinationIdentity }: CopyOrder,
  { credentials: own, secret, identity }: CopyWorkOptions,
): Promise<Pick<CopyHooks, 'credentials' | 'sourceCredentials'>> {
  const login = async (to: string, arn?: string, text?: string) => {
    if (text !== undefined && identity !== undefined) return forHost(to, identity(text), own);
    return arn === undefined ? own : forHost(to, fixed(await secret(arn)), own);
  };
  const credentials = await login(destination.host, destinationCredentials, destinationIdentity);
  const isShared = host === destination.host && sourceCredentials === destinationCredentials && sourceIdentity === destinationIdentity;
  return isShared ? { credentials } : { credentials, sourceCredentials: await login(host, sourceCredentials, sourceIdentity) };
}

/** Runs an attempt. A permission that this deployment has just added takes some seconds to take effect (ADR 3). */
async function oncePermitted<T>(clock: Clock, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const reasonOf = (error: unknown) => isDeniedByEcr(error) || error instanceof SecretUnavailable ? 'permission' : undefined;
  return repeat({ clock, signal, rules: { permission: SPREADING }, reasonOf }, attempt);
}

/**
 * Serves `Custom::ContainerImageCopy`.
 *
 * Delete keeps all images, because running tasks may pull them again long after the stack has changed.
 */
export async function serveImageCopy(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the copy',
    tooLong: 'smaller layers would help',
    physicalId: physicalIdOf,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'images are kept' }),
  }, seams);
}

/**
 * The physical ID. It is derived from the destination and the resource, so it is known before anything can fail.
 *
 * It changes only with the destination, because CloudFormation sends a Delete for the old ID after a change.
 */
export function physicalIdOf(event: CustomResourceEvent): string {
  const { PhysicalResourceId: current, ResourceProperties: now, OldResourceProperties: before } = event;
  if (current !== undefined && (event.RequestType === 'Delete' || now?.Destination === before?.Destination)) return current;
  const destination = now?.Destination;
  const named = typeof destination === 'string' && destination !== '' ? destination : 'unknown-destination';
  return `${truncateUtf8(named, 512)}#${resourceHash(event)}`;
}
