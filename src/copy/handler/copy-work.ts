import { EcrCredentials, SecretUnavailable, fixedCredentials, forHost, readSecret, registryOrigins } from './credentials';
import { CopyRequest, checkAllowed, decodeCopy, keptTag, liveTag } from './decode';
import { explainCopy, isDeniedByEcr } from './fixes';
import { identityProviders } from './identities';
import { AwsDependencies } from '../../custom-resource/aws';
import { parseEcrHost } from '../../custom-resource/ecr';
import { Outcome, Work, WorkLimits, ProtocolDependencies, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { truncateUtf8 } from '../../custom-resource/text';
import { Clock, Pacing } from '../../engine/clock';
import { CopyHooks, CopyOptions, CopyResult, Credentials, CredentialsProvider, formatReference } from '../../engine/contract';
import { copyImage, copyPlatforms } from '../../engine/copy';
import { PERMISSION_PROPAGATION, repeat } from '../../engine/retry';
import type { ImageCopyData } from '../image-copy-properties';

/** What the copies of a function need from the outside. Tests replace all of it. */
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
  readonly check?: (request: CopyRequest) => void;
  /** Origins of registries that do not listen on `https://host`. */
  readonly origins: () => Readonly<Record<string, string>>;
}

/** The options of a Lambda function. The credentials live as long as the process, so one token is used for many copies. */
export function optionsOf(dependencies: AwsDependencies): CopyWorkOptions {
  return {
    clock: dependencies.clock,
    credentials: new EcrCredentials(dependencies),
    secret: async arn => readSecret(arn, dependencies),
    identity: identityProviders(dependencies),
    check: request => checkAllowed(request, dependencies.environment),
    origins: () => registryOrigins(dependencies.environment.REGISTRY_ORIGINS),
  };
}

const SHA256 = 'sha256:';

/** Copies images with the credentials that they need. */
export type Copier = (request: CopyRequest, limits: WorkLimits, onStreamed?: () => void) => Promise<CopyResult>;

/** A copier for all events of a process. */
export function copier(options: CopyWorkOptions): Copier {
  const { clock } = options;
  // All copies of this process share it.
  const pacing = new Pacing(clock);
  return async (request, { deadline, signal }, onStreamed) => {
    options.check?.(request);
    return oncePermitted(clock, signal, async () => copy(request, {
      clock, deadline, signal, pacing, onStreamed,
      ...await credentialsFor(request, options), tokenHosts: tokenHostsOf(request), origins: options.origins(), verifiesUploads,
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
      const request = decodeCopy(ResourceProperties ?? {});
      const result = await run(request, limits, () => streamed++);
      return published(request, result, clock.now() - started);
    } catch (error) {
      // The next invocation makes further progress, because existing blobs are not copied again.
      return { status: clock.now() >= limits.deadline && streamed > 0 ? 'UNFINISHED' : 'FAILED', reason: explainCopy(error) };
    }
  };
}

/** The outcome for an image that is in its repository with all tags. */
export function published(request: CopyRequest, { digest, ...figures }: CopyResult, milliseconds: number): Outcome {
  const data: ImageCopyData = { DigestHex: digest.slice(SHA256.length), Tag: liveTag(request, digest) };
  return { status: 'SUCCESS', data: { ...data }, summary: `${formatReference(request.destination, digest)} ${JSON.stringify({ ...figures, milliseconds })}` };
}

async function copy(request: CopyRequest, hooks: CopyHooks): Promise<CopyResult> {
  const { sources, destination, sourceTag, referrers, platforms, keepWhenThere, isPushed, detachAttestations } = request;
  const options: CopyOptions = {
    sourceTag,
    referrers,
    platforms,
    isPushed,
    detachAttestations,
    againTag: keepWhenThere ? digest => keptTag(request, digest) : undefined,
    tags: digest => {
      if (!digest.startsWith(SHA256)) throw new Error(`the image has the digest ${digest}, and only sha256 digests can be deployed`);
      return [{ name: liveTag(request, digest), onOtherDigest: 'fail' }, ...request.tags];
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
function tokenHostsOf(request: CopyRequest): CopyHooks['tokenHosts'] {
  return {
    source: request.sourceCredentials && request.sourceTokenHost,
    destination: request.destinationCredentials && request.destinationTokenHost,
  };
}

/** The credentials. A secret or an identity for one side is only used for the host of that side. */
async function credentialsFor(
  { sources: [source], sourceCredentials, sourceIdentity, destination, destinationCredentials, destinationIdentity }: CopyRequest,
  { credentials: own, secret, identity }: CopyWorkOptions,
): Promise<Pick<CopyHooks, 'credentials' | 'sourceCredentials'>> {
  const login = async (host: string, by: { readonly secretArn?: string; readonly identityText?: string }) => {
    if (by.identityText !== undefined && identity !== undefined) return forHost(host, identity(by.identityText), own);
    return by.secretArn === undefined ? own : forHost(host, fixedCredentials(await secret(by.secretArn)), own);
  };
  const credentials = await login(destination.host, { secretArn: destinationCredentials, identityText: destinationIdentity });
  const isShared = source.host === destination.host && sourceCredentials === destinationCredentials && sourceIdentity === destinationIdentity;
  if (isShared) return { credentials };
  return { credentials, sourceCredentials: await login(source.host, { secretArn: sourceCredentials, identityText: sourceIdentity }) };
}

/** Runs an attempt. A permission that this deployment has just added takes some seconds to take effect (ADR 3). */
async function oncePermitted<T>(clock: Clock, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const reasonOf = (error: unknown) => isDeniedByEcr(error) || error instanceof SecretUnavailable ? 'permission' : undefined;
  return repeat({ clock, signal, rules: { permission: PERMISSION_PROPAGATION }, reasonOf }, attempt);
}

/**
 * Serves `Custom::ContainerImageCopy`.
 *
 * Delete keeps all images, because running tasks may pull them again long after the stack has changed.
 */
export async function serveImageCopy(
  event: CustomResourceEvent, context: InvocationContext, work: Work, dependencies: ProtocolDependencies,
): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the copy',
    timeoutFix: 'smaller layers would help',
    physicalId: physicalIdOf,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'images are kept' }),
  }, dependencies);
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
