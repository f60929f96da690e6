import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkPattern, reject } from '../private/validation';

/** A host with an optional port. */
export const REGISTRY_HOST = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/;

/** The path of a repository, https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests */
export const REPOSITORY_PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

// Where Docker looks for names without a host, and the host that really answers.
const DOCKER_HUB = 'registry-1.docker.io';
const DOCKER_HUB_NAMES = ['docker.io', 'index.docker.io', DOCKER_HUB];

/** The host that answers for a registry. */
export function registryHost(host: string): string {
  return DOCKER_HUB_NAMES.includes(host) ? DOCKER_HUB : host;
}

/** The host that a password is sent to for a token. */
export function checkTokenHost(scope: IConstruct, tokenHost?: string): void {
  if (tokenHost === undefined) return;
  checkPattern(scope, {
    property: 'tokenHost', value: tokenHost, pattern: REGISTRY_HOST,
    must: 'be a host', cure: 'Give the host alone, e.g. "docker-auth.elastic.co", without https:// and without a path.',
  });
}

/**
 * The full form of a reference as people write it: `nginx` is `registry-1.docker.io/library/nginx:latest`.
 *
 * @see https://github.com/distribution/reference
 */
export function fullReference(scope: IConstruct, reference: string): string {
  if (Token.isUnresolved(reference)) {
    return checkToken(scope, reference);
  }
  // From JavaScript anything may come.
  const text = typeof reference === 'string' ? reference : '';
  const [, named = '', tag, digest] = /^(.*?)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(text) ?? [];
  const slash = named.indexOf('/');
  const head = named.slice(0, Math.max(slash, 0));
  // As in Docker: without a dot, a port or "localhost" the first part is not a host.
  const hasHost = /[.:]/.test(head) || head === 'localhost';
  const host = registryHost(hasHost ? head : DOCKER_HUB);
  const path = hasHost ? named.slice(slash + 1) : named;
  if (!REGISTRY_HOST.test(host) || !REPOSITORY_PATH.test(path)) {
    reject(scope, {
      property: 'reference', must: 'be an image of a registry', got: reference,
      cure: 'Write it like "nginx:1.27", "ghcr.io/team/web:v1" or "host/repository@sha256:…".',
    });
  }
  const repository = host === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  return `${host}/${repository}${digest ? `@${digest}` : `:${tag ?? 'latest'}`}`;
}

/** What is only known at deployment cannot be completed: it has to be whole, or at least say its host. */
function checkToken(scope: IConstruct, reference: string): string {
  const isWhole = reference.startsWith('${Token[');
  const host = reference.slice(0, Math.max(reference.indexOf('/'), 0));
  if (!isWhole && !(REGISTRY_HOST.test(host) && /[.:]/.test(host))) {
    reject(scope, {
      property: 'reference', must: 'begin with the host when a part of it is only known at deployment', got: reference,
      cure: 'Write the full form, e.g. `registry-1.docker.io/library/nginx:${tag}`.',
    });
  }
  return reference;
}
