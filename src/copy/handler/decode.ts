import { createHash } from 'node:crypto';
import { TagRequest, ImageReference, RepositoryReference, formatReference, isTag, parseImage, parseRepository } from '../../engine/contract';
import type { ImageCopyProperties } from '../image-copy-properties';
import { KEPT_TAG, SOURCE_TAG, LOGINS_VARIABLE, RegistryLogin, formatLogin, parseLogins } from '../image-copy-properties';
import { registryOrigins } from './credentials';
import { parseEcrHost } from '../../custom-resource/ecr';
import { parseIdentity } from '../../federation/identity-text';

/** The copy that the custom resource requests. */
export interface CopyRequest {
  /** One image, or one for each platform. */
  readonly sources: readonly ImageReference[];
  /** The tag that records what was copied from these sources. */
  readonly sourceTag?: string;
  readonly referrers: boolean;
  /**
   * The platforms to copy.
   *
   * @default - all
   */
  readonly platforms?: readonly string[];
  /** The ARN of the secret for the registry of the source. */
  readonly sourceCredentials?: string;
  /** The host that issues a token in exchange for the password of the source. */
  readonly sourceTokenHost?: string;
  /** The identity in another cloud for the registry of the source. */
  readonly sourceIdentity?: string;
  readonly destination: RepositoryReference;
  /** The ARN of the secret for the registry of the destination. */
  readonly destinationCredentials?: string;
  /** The host that issues a token in exchange for the password of the destination. */
  readonly destinationTokenHost?: string;
  /** The identity in another cloud for the registry of the destination. */
  readonly destinationIdentity?: string;
  readonly liveTagPrefix: string;
  /** Whether an image that the destination already has gets the tag of an image that was deployed again (`keptTag`). */
  readonly keepWhenThere: boolean;
  /** Whether a build has just pushed the image to the destination. @default false */
  readonly isPushed?: boolean;
  /** Whether attestations in the sources become referrers. @default false */
  readonly detachAttestations?: boolean;
  readonly tags: readonly TagRequest[];
}

const DIGEST_DIGITS_IN_TAG = 12;
const PLATFORM = /^[\w.-]+(?:\/[\w.-]+){0,2}$/;

/** Parses the properties of the custom resource. Throws a sentence about the first error. */
export function decodeCopy(properties: Readonly<Record<string, unknown>>): CopyRequest {
  const version = text(properties, 'SchemaVersion');
  if (version !== '1') throw new Error(`the property 'SchemaVersion' is '${version.slice(0, 20)}', this handler understands '1'`);
  const liveTagPrefix = text(properties, 'LiveTagPrefix');
  if (!isTag(liveTagPrefix + SOURCE_TAG + '0'.repeat(DIGEST_DIGITS_IN_TAG))) {
    throw new Error(`the property 'LiveTagPrefix' cannot begin a tag: '${liveTagPrefix.slice(0, 150)}'`);
  }
  const fixed = tagList(properties, 'Tags').map((name): TagRequest => ({ name, onOtherDigest: 'fail' }));
  const floating = tagList(properties, 'FloatingTags').map((name): TagRequest => ({ name, onOtherDigest: 'move' }));
  const sources = [parsed(properties, 'Source', parseImage), ...furtherPlatforms(properties)];
  return {
    sources,
    sourceTag: properties.SourceNeverMoves === 'true' ? liveTagPrefix + SOURCE_TAG + sourcesHash(sources) : undefined,
    referrers: properties.Referrers === 'true',
    platforms: platformsIn(properties),
    sourceCredentials: secretArnIn(properties, 'SourceCredentials'),
    sourceTokenHost: hostIn(properties, 'SourceTokenHost'),
    sourceIdentity: identityIn(properties, 'SourceIdentity', 'SourceCredentials'),
    destination: parsed(properties, 'Destination', parseRepository),
    destinationCredentials: secretArnIn(properties, 'DestinationCredentials'),
    destinationTokenHost: hostIn(properties, 'DestinationTokenHost'),
    destinationIdentity: identityIn(properties, 'DestinationIdentity', 'DestinationCredentials'),
    liveTagPrefix,
    keepWhenThere: properties.KeepWhenThere === 'true',
    tags: [...fixed, ...floating],
  };
}

/** The tag that protects an image from expiring while it is among the newest. */
export function liveTag({ liveTagPrefix }: CopyRequest, digest: string): string {
  return liveTagPrefix + digestPrefix(digest);
}

/** The tag that protects an image from expiring, regardless of the number of newer ones. */
export function keptTag({ liveTagPrefix }: CopyRequest, digest: string): string {
  return liveTagPrefix + KEPT_TAG + digestPrefix(digest);
}

function digestPrefix(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, DIGEST_DIGITS_IN_TAG);
}

function sourcesHash(sources: readonly ImageReference[]): string {
  const all = sources.map(source => formatReference(source, source.version)).join(' ');
  return createHash('sha256').update(all).digest('hex').slice(0, DIGEST_DIGITS_IN_TAG);
}

function furtherPlatforms({ FurtherPlatforms: list = [] }: Readonly<Record<string, unknown>>): ImageReference[] {
  if (!Array.isArray(list)) throw new Error("the property 'FurtherPlatforms' must be a list of images");
  return list.map((_, position) => parsed({ FurtherPlatforms: list[position] }, 'FurtherPlatforms', parseImage));
}

function platformsIn({ Platforms: list }: Readonly<Record<string, unknown>>): string[] | undefined {
  if (list === undefined) return undefined;
  if (!Array.isArray(list) || list.length === 0) throw new Error("the property 'Platforms' must be a list of platforms");
  return list.map((_, position) => {
    const platform = text({ Platforms: list[position] }, 'Platforms');
    if (!PLATFORM.test(platform)) throw new Error(`the property 'Platforms' has '${platform.slice(0, 100)}', which is not a platform`);
    return platform;
  });
}

function secretArnIn(properties: Readonly<Record<string, unknown>>, name: 'SourceCredentials' | 'DestinationCredentials'): string | undefined {
  if (properties[name] === undefined) return undefined;
  const arn = text(properties, name);
  if (!/^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^\s,]+$/.test(arn)) throw new Error(`the property '${name}' is not the ARN of a secret`);
  return arn;
}

function identityIn(
  properties: Readonly<Record<string, unknown>>, name: 'SourceIdentity' | 'DestinationIdentity', other: 'SourceCredentials' | 'DestinationCredentials',
): string | undefined {
  if (properties[name] === undefined) return undefined;
  const identity = text(properties, name);
  if (parseIdentity(identity) === undefined) throw new Error(`the property '${name}' is not an identity`);
  if (properties[other] !== undefined) throw new Error(`the properties '${name}' and '${other}' exclude each other`);
  return identity;
}

function hostIn(properties: Readonly<Record<string, unknown>>, name: 'SourceTokenHost' | 'DestinationTokenHost'): string | undefined {
  if (properties[name] === undefined) return undefined;
  return parsed(properties, name, value => parseRepository(`${value}/any`).host);
}

function text(properties: Readonly<Record<string, unknown>>, name: keyof ImageCopyProperties): string {
  const value = properties[name];
  if (typeof value !== 'string' || value === '') throw new Error(`the property '${name}' must be a text`);
  return value;
}

function parsed<T>(properties: Readonly<Record<string, unknown>>, name: keyof ImageCopyProperties, parse: (value: string) => T): T {
  const value = text(properties, name);
  try {
    return parse(value);
  } catch (error) {
    throw new Error(`the property '${name}' is wrong: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}

/** The tags in a property. */
export function tagList(properties: Readonly<Record<string, unknown>>, name: 'Tags' | 'FloatingTags'): string[] {
  const value = properties[name] ?? [];
  if (!Array.isArray(value)) throw new Error(`the property '${name}' must be a list of tags`);
  return value.map((tag: unknown) => {
    if (typeof tag !== 'string' || !isTag(tag)) throw new Error(`the property '${name}' has '${String(tag).slice(0, 150)}', which is not a tag`);
    return tag;
  });
}

/** The environment of the function. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Throws a sentence if the configuration of the function does not allow the copy that an event requests.
 *
 * Anyone who may invoke the function can forge an event. Therefore an event must not choose where the function sends passwords and images.
 */
export function checkAllowed(request: CopyRequest, environment: Environment): void {
  const allowed = parseLogins(environment[LOGINS_VARIABLE]);
  const logins = loginsOf(request);
  const refused = logins.find(login => !allowed.has(formatLogin(login)));
  if (refused !== undefined) throw new Error(refusalOf(refused));
  const { destination: { host } } = request;
  // The role limits the ECR repositories that the function may write. Any other registry needs a login.
  const isKnown = parseEcrHost(host) !== undefined || Object.hasOwn(registryOrigins(environment.REGISTRY_ORIGINS), host);
  if (!isKnown && !logins.some(({ side }) => side === 'destination')) {
    throw new Error(`this function may not write to ${shown(host)}: a registry outside of ECR needs credentials or an identity that its stack names`);
  }
}

/** The logins for a copy: one for each side with a secret or an identity. */
function loginsOf({ sources: [source], destination, ...request }: CopyRequest): RegistryLogin[] {
  const possible: PossibleLogin[] = [
    { side: 'source', host: source.host, by: request.sourceIdentity ?? request.sourceCredentials, tokenHost: request.sourceTokenHost },
    { side: 'destination', host: destination.host, by: request.destinationIdentity ?? request.destinationCredentials, tokenHost: request.destinationTokenHost },
  ];
  return possible.filter(isLogin);
}

type PossibleLogin = Omit<RegistryLogin, 'by'> & { readonly by?: string };

function isLogin(login: PossibleLogin): login is RegistryLogin {
  return login.by !== undefined;
}

function refusalOf({ side, by, host, tokenHost }: RegistryLogin): string {
  const hosts = [host, ...tokenHost === undefined ? [] : [tokenHost]].map(shown).join(' and ');
  const what = by.startsWith('arn:') ? 'this function may not send the secret' : 'this function may not send a token of the identity';
  return `${what} ${by.slice(0, 300)} to ${hosts} as the ${side}: `
    + `its variable ${LOGINS_VARIABLE} does not list them together; deploy the stack of the function again, which sets the variable`;
}

function shown(host: string): string {
  return host.slice(0, 100);
}
