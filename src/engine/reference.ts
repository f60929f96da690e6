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
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** Whether a string can be a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Whether a string is a digest of a supported algorithm. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Reads `host/repository`; throws a sentence when it is something else. */
export function parseRepository(text: string): RepositoryReference {
  const slash = text.indexOf('/');
  const [host, repository] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
  if (!HOST.test(host) || !URL.canParse(`https://${host}`) || !REPOSITORY.test(repository) || repository.length > 255) {
    throw new Error(`'${shown(text)}' is not a repository: expected host/repository`);
  }
  return { host, repository };
}

/**
 * Reads `host/repository:tag`, `host/repository@digest` or both; the digest wins.
 *
 * `host/repository:sha256:...` means the digest too: CDK writes a digest like that when it is only known at deployment.
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

/** Writes a repository, with a tag or a digest when there is one. */
export function formatReference(repository: RepositoryReference, version?: string): string {
  const separator = version !== undefined && isDigest(version) ? '@' : ':';
  return `${repository.host}/${repository.repository}${version === undefined ? '' : separator + version}`;
}

/** A wrong reference as it may be shown: what is before an @ may be a password. */
function shown(text: string): string {
  return text.replace(/^.*@(?!sha\d+:)/s, '***@').slice(0, 300);
}
