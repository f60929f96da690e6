import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { reject } from '../private/validation';

// Where Docker looks for names without a host, and the host that really answers.
const DOCKER_HUB = 'registry-1.docker.io';
const DOCKER_HUB_NAMES = ['docker.io', 'index.docker.io', DOCKER_HUB];

/**
 * The full form of a reference as people write it: `nginx` is `registry-1.docker.io/library/nginx:latest`.
 *
 * @see https://github.com/distribution/reference
 */
export function fullReference(scope: IConstruct, reference: string): string {
  if (Token.isUnresolved(reference)) {
    // Whoever gives a token gives the full form: there is nothing to read here.
    return reference;
  }
  const match = /^(?:([a-z0-9.-]+(?::\d{1,5})?)\/)?([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$/
    .exec(typeof reference === 'string' ? reference : '');
  if (!match) {
    reject(scope, {
      property: 'reference', must: 'be an image of a registry', got: reference,
      cure: 'Write it like "nginx:1.27", "ghcr.io/team/web:v1" or "host/repository@sha256:…".',
    });
  }
  const [, first, rest, tag, digest] = match;
  // As in Docker: without a dot, a port or "localhost" the first part is not a host.
  const isHost = first !== undefined && (/[.:]/.test(first) || first === 'localhost');
  const host = isHost ? first : DOCKER_HUB;
  const name = first !== undefined && !isHost ? `${first}/${rest}` : rest;
  const hub = DOCKER_HUB_NAMES.includes(host);
  const repository = hub && !name.includes('/') ? `library/${name}` : name;
  const version = digest ? `@${digest}` : `:${tag ?? 'latest'}`;
  return `${hub ? DOCKER_HUB : host}/${repository}${version}`;
}
