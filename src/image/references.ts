import { BlockList, isIPv4 } from 'net';
import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isKnown, isPendingLookup } from '../private/lookups';
import { checkValue, TextRule } from '../private/shape';
import { reject } from '../private/validation';

/** The path of a repository, https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests */
export const REPOSITORY_PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

// The maximum length that the copy function and most registries accept.
const MAX_PATH = 255;

/** A host with an optional port. */
export const REGISTRY_HOST = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/;

// The host that serves images whose names have no host.
const DOCKER_HUB = 'registry-1.docker.io';

const DOCKER_HUB_NAMES = ['docker.io', 'index.docker.io', DOCKER_HUB];

const PRIVATE = new BlockList();

/**
 * The complete form of a short reference: `nginx` is `registry-1.docker.io/library/nginx:latest`.
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
  // JavaScript code can pass any value.
  const text = typeof reference === 'string' ? reference : '';
  const [, named = '', tag, digest] = /^(.*?)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(text) ?? [];
  const slash = named.indexOf('/');
  const head = named.slice(0, Math.max(slash, 0)).toLowerCase();
  // As in Docker: without a dot, a port or "localhost" the first part is not a host.
  const hasHost = /[.:]/.test(head) || head === 'localhost';
  const host = registryHost(hasHost ? head : undefined);
  const path = hasHost ? named.slice(slash + 1) : named;
  if (!REGISTRY_HOST.test(host) || !URL.canParse(`https://${host}`) || !REPOSITORY_PATH.test(path) || path.length > MAX_PATH) {
    reject(scope, {
      property: 'reference', must: 'be an image of a registry', got: reference,
      fix: [...brokenRule(text), 'Write it like "nginx:1.27", "ghcr.io/team/web:v1" or "host/repository@sha256:…".'].join(' '),
    });
  }
  checkPublicHost(scope, 'reference', host);
  const repository = isDockerHub(host) && !path.includes('/') ? `library/${path}` : path;
  return `${host}/${repository}${digest ? `@${digest}` : `:${tag ?? 'latest'}`}`;
}

/** A sentence about the rule that a reference breaks, for common mistakes. */
function brokenRule(reference: string): string[] {
  const [, host = '', path = ''] = /^(?:([^/]*[.:\]][^/]*)\/)?([^@]*?)(?::[^:/]*)?(?:@.*)?$/.exec(reference) ?? [];
  const rules: [boolean, string][] = [
    [/^\w+:\/\//.test(reference), 'It begins with the host, without "https://".'],
    [/^\[|^[0-9a-f:]*::/i.test(reference), 'IPv6 addresses are not supported, because the function that copies images has no IPv6 network. Use the name of the host.'],
    [/@sha512:/.test(reference), 'Digests with sha512 are not supported, because ECR uses sha256.'],
    [/@/.test(reference) && !/@sha256:[a-f0-9]{64}$/.test(reference), 'A digest is "sha256:" and 64 lower-case hexadecimal digits.'],
    [/[A-Z]/.test(path), 'A repository has no capital letters.'],
    [/_/.test(host), 'A host has no underscores.'],
    [path.length > MAX_PATH, `A repository has at most ${MAX_PATH} characters.`],
  ];
  return rules.filter(([isBroken]) => isBroken).slice(0, 1).map(([, rule]) => rule);
}

/** Checks a reference that contains a token. It cannot be completed, so it must be complete or at least contain the host. */
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

for (const [network, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.168.0.0', 16],
] as const) PRIVATE.addSubnet(network, prefix);

/** The host that serves a registry. */
export function registryHost(host = DOCKER_HUB): string {
  return DOCKER_HUB_NAMES.includes(host) ? DOCKER_HUB : host;
}

/** Whether it is Docker Hub, whose own images are in `library/`. */
export function isDockerHub(host: string): boolean {
  return host === DOCKER_HUB;
}

/** Checks a host: its pattern, its port, and that it is not a private address. Tokens and pending lookups pass. */
export function checkHost(scope: IConstruct, property: string, host: unknown, rule: TextRule): void {
  checkValue(scope, property, host, { ...rule, required: true });
  if (typeof host !== 'string' || !isKnown(host)) return;
  if (!URL.canParse(`https://${host}`)) reject(scope, { property, must: rule.must ?? 'be a host', got: host, fix: rule.fix });
  checkPublicHost(scope, property, host);
}

/** Checks that the name of a host is not a private address, which the copy function rejects. */
export function checkPublicHost(scope: IConstruct, property: string, host: string): void {
  // Normalized by the URL parser: 0x7f.1 is 127.0.0.1.
  const name = new URL(`https://${host}`).hostname;
  if (name === 'localhost' || name.endsWith('.localhost') || (isIPv4(name) && PRIVATE.check(name))) {
    reject(scope, {
      property, must: 'be at a public address, because the function that copies images is in no VPC', got: host,
      fix: 'Build or load the image in the app (ImageSource.directory, ImageSource.tarball), or push it to a public registry.',
    });
  }
}

/** Checks the token host, which receives the user name and password. */
export function checkTokenHost(scope: IConstruct, tokenHost?: string): void {
  if (tokenHost === undefined) return;
  checkHost(scope, 'tokenHost', tokenHost, {
    kind: 'text', pattern: REGISTRY_HOST, must: 'be a host', fix: 'Write only the host, e.g. "docker-auth.elastic.co", without https:// and without a path.',
  });
}

/** The credentials of a registry: a secret or an identity. */
export interface LoginOptions {
  readonly credentials?: unknown;
  readonly identity?: unknown;
}

/** Checks that a registry has a secret or an identity, not both. */
export function checkLogin(scope: IConstruct, prefix: string, { credentials, identity }: LoginOptions, isRequired = false): void {
  if (credentials !== undefined && identity !== undefined) {
    reject(scope, {
      property: `${prefix}identity`, must: 'not be combined with credentials', got: 'both', fix: 'Remove `credentials`: an identity needs no password.',
    });
  }
  if (isRequired && credentials === undefined && identity === undefined) {
    reject(scope, {
      property: `${prefix}credentials`, must: 'be a secret of Secrets Manager, unless there is an identity', got: undefined,
      fix: 'Write `credentials`, a secret with user and password, or `identity`.',
    });
  }
}
