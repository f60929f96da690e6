import { LookupFunction } from 'node:net';
import { Clock, Pacing } from './clock';
import { isDigest } from './digest';
import { Side } from './errors';

/** One set of registry credentials. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A source of credentials. Credentials belong to one exact host (with its port), never to a pattern. */
export interface CredentialsProvider {
  /**
   * The credentials for a registry, or `undefined` for anonymous access.
   *
   * @param host exact `host[:port]` of the registry.
   * @param rejected credentials that the registry refused. Return newer ones, or nothing.
   */
  credentialsFor(host: string, rejected?: Credentials): Promise<Credentials | undefined>;
}

/** A tag for the image. */
export interface TagRequest {
  readonly name: string;

  /** What to do if another image has the tag. */
  readonly onOtherDigest: 'fail' | 'move';
}

/** The tags and referrers that the destination gets. */
export interface CopyOptions {
  /**
   * A tag that records what was copied from this source. With it, the copy can be repeated after the source was deleted. Only for
   * sources whose tags never move.
   *
   * @default - a deleted source is an error
   */
  readonly sourceTag?: string;

  /**
   * Whether to copy signatures, attestations and all other referrers of the image.
   *
   * @default false
   */
  readonly referrers?: boolean;

  /**
   * An additional tag for an image that the destination already had, regardless of when it was pushed.
   *
   * @default - none
   */
  readonly againTag?: (digest: string) => string;

  /**
   * Whether a build has just pushed the image to the destination without a tag. Then the destination counts as having had it only if it has a tag.
   *
   * @default false
   */
  readonly isPushed?: boolean;

  /**
   * Whether attestations in the sources, which BuildKit has just pushed into the destination, become referrers of their images.
   *
   * @default - they stay in the index
   */
  readonly detachAttestations?: boolean;

  /**
   * The platforms to copy, for example `linux/amd64`. If an index has others, the destination gets a new index of only these.
   *
   * @default - all
   */
  readonly platforms?: readonly string[];

  /** The tags of the image, once its digest is known. */
  tags(digest: string): readonly TagRequest[];
}

/** The environment of one copy. */
export interface CopyHooks {
  /** @default - anonymous access everywhere */
  readonly credentials?: CredentialsProvider;

  /**
   * Credentials for the source, if they differ from those for the destination.
   *
   * @default - `credentials`
   */
  readonly sourceCredentials?: CredentialsProvider;

  /**
   * Origins by exact host, for registries that do not listen on `https://host`. Plain http, and loopback, link-local and private
   * addresses, are only allowed here.
   *
   * @default - `https://host` for every host
   */
  readonly origins?: Readonly<Record<string, string>>;

  /**
   * Hosts other than the registry that issue a token in exchange for the password of a side.
   *
   * @default - the known token hosts of Docker Hub and GitLab
   */
  readonly tokenHosts?: Readonly<Partial<Record<Side, string>>>;

  /**
   * The time at which the whole copy must have ended, on the clock's scale.
   *
   * @default - no deadline
   */
  readonly deadline?: number;

  /** @default - cannot be cancelled */
  readonly signal?: AbortSignal;

  /** @default - the system's clock */
  readonly clock?: Clock;

  /**
   * Whether a registry is known to reject an upload whose bytes do not have the SHA-256 digest of the upload. The first attempt to copy a
   * blob there does not hash it a second time, which takes about a quarter of the CPU time.
   *
   * @default - no registry is known to do so
   */
  readonly verifiesUploads?: (host: string) => boolean;

  /** Called for every blob that was streamed completely. */
  readonly onStreamed?: () => void;

  /** @default - a pace for this copy only */
  readonly pacing?: Pacing;

  /** @default - the system's resolver */
  readonly lookup?: LookupFunction;
}

/** The result of a copy. */
export interface CopyResult {
  readonly digest: string;
  /** The number of blobs that the registry mounted from the source repository. */
  readonly mounted: number;
  /** The number of blobs that this process streamed. */
  readonly streamed: number;
  /** The number of blobs that the destination already had. */
  readonly existing: number;
  /** The bytes of the streamed blobs. */
  readonly bytes: number;
  /**
   * A report about signatures and other referrers.
   *
   * @default - referrers were not requested, or the image was already there
   */
  readonly referrers?: string;
  /**
   * A description of the parts that were not copied: other platforms, and nondistributable layers that the source does not hold.
   *
   * @default - none
   */
  readonly leftOut?: string;
}

/** A repository in a registry. */
export interface RepositoryReference {
  /** Exact `host[:port]`. */
  readonly host: string;
  readonly repository: string;
}

/** An image in a repository. */
export interface ImageReference extends RepositoryReference {
  /** Its tag or its digest. */
  readonly version: string;
}

const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Whether a string can be a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Parses `host/repository`. Throws a sentence for anything else. */
export function parseRepository(text: string): RepositoryReference {
  const slash = text.indexOf('/');
  const [host, repository] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  if (!HOST.test(host) || !URL.canParse(`https://${host}`) || !REPOSITORY.test(repository) || repository.length > 255) {
    throw new Error(`'${shown(text)}' is not a repository: expected host/repository`);
  }
  return { host, repository };
}

/**
 * Parses `host/repository:tag`, `host/repository@digest` or both, in which case the digest counts.
 *
 * `host/repository:sha256:...` is a digest too. CDK writes it like this if it is only known at deployment.
 */
export function parseImage(text: string): ImageReference {
  const at = text.indexOf('@');
  const [named, digest] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  // A colon before the last slash belongs to the port.
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const [name, tag] = colon < 0 ? [named, undefined] : [named.slice(0, colon), named.slice(colon + 1)];
  const version = digest ?? tag;
  if (version === undefined || (digest !== undefined && !isDigest(digest)) || (tag !== undefined && !isTag(tag) && !isDigest(tag))) {
    throw new Error(`'${shown(text)}' is not an image: expected host/repository:tag or host/repository@sha256:...`);
  }
  return { ...parseRepository(name), version };
}

/** Formats a repository, with a tag or a digest if there is one. */
export function formatReference(repository: RepositoryReference, version?: string): string {
  const name = `${repository.host}/${repository.repository}`;
  return version === undefined ? name : `${name}${isDigest(version) ? '@' : ':'}${version}`;
}

/** An invalid reference for an error message. Text before an @ may contain a password, so it is hidden. */
function shown(text: string): string {
  return text.replace(/.*@(?!sha\d+:)/s, '***@').slice(0, 300);
}
