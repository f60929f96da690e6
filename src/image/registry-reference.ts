import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkPublicHost, isDockerHub, registryHost, REGISTRY_HOST } from './registry-host';
import { isPendingLookup } from '../private/pending-lookup';
import { reject } from '../private/validation';

/** The path of a repository, https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests */
export const REPOSITORY_PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

// What the copy function takes, and most registries.
const MAX_PATH = 255;

/**
 * The full form of a reference as people write it: `nginx` is `registry-1.docker.io/library/nginx:latest`.
 *
 * @see https://github.com/distribution/reference
 */
export function fullReference(scope: IConstruct, reference: string): string {
  if (Token.isUnresolved(reference)) {
    return checkToken(scope, reference);
  }
  if (isPendingLookup(reference)) {
    return reference;
  }
  // From JavaScript anything may come.
  const text = typeof reference === 'string' ? reference : '';
  const [, named = '', tag, digest] = /^(.*?)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(text) ?? [];
  const slash = named.indexOf('/');
  const head = named.slice(0, Math.max(slash, 0));
  // As in Docker: without a dot, a port or "localhost" the first part is not a host.
  const hasHost = /[.:]/.test(head) || head === 'localhost';
  const host = registryHost(hasHost ? head : undefined);
  const path = hasHost ? named.slice(slash + 1) : named;
  if (!REGISTRY_HOST.test(host) || !URL.canParse(`https://${host}`) || !REPOSITORY_PATH.test(path) || path.length > MAX_PATH) {
    reject(scope, {
      property: 'reference', must: 'be an image of a registry', got: reference,
      fix: 'Write it like "nginx:1.27", "ghcr.io/team/web:v1" or "host/repository@sha256:…".',
    });
  }
  checkPublicHost(scope, 'reference', host);
  const repository = isDockerHub(host) && !path.includes('/') ? `library/${path}` : path;
  return `${host}/${repository}${digest ? `@${digest}` : `:${tag ?? 'latest'}`}`;
}

/** What is only known at deployment cannot be completed: it has to be whole, or at least say its host. */
function checkToken(scope: IConstruct, reference: string): string {
  const isWhole = reference.startsWith('${Token[');
  const host = reference.slice(0, Math.max(reference.indexOf('/'), 0));
  if (!isWhole && !(REGISTRY_HOST.test(host) && /[.:]/.test(host))) {
    reject(scope, {
      property: 'reference', must: 'begin with the host when a part of it is only known at deployment', got: reference,
      fix: 'Write the full form, e.g. `registry-1.docker.io/library/nginx:${tag}`.',
    });
  }
  return reference;
}
