import { BlockList, isIPv4 } from 'net';
import { IConstruct } from 'constructs';
import { isKnown } from '../private/pending-lookup';
import { checkPattern, PatternRule, reject } from '../private/validation';

/** A host with an optional port. */
export const REGISTRY_HOST = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/;

// Where Docker looks for names without a host, and the host that really answers.
const DOCKER_HUB = 'registry-1.docker.io';
const DOCKER_HUB_NAMES = ['docker.io', 'index.docker.io', DOCKER_HUB];

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.168.0.0', 16],
] as const) PRIVATE.addSubnet(network, prefix);

/** The host that answers for a registry. */
export function registryHost(host = DOCKER_HUB): string {
  return DOCKER_HUB_NAMES.includes(host) ? DOCKER_HUB : host;
}

/** Whether it is Docker Hub, whose own images are in `library/`. */
export function isDockerHub(host: string): boolean {
  return host === DOCKER_HUB;
}

/** A host that follows a pattern, has a port that exists, and is on the public internet; a token passes, and what is still to be looked up. */
export function checkHost(scope: IConstruct, rule: PatternRule): void {
  checkPattern(scope, rule);
  if (!isKnown(rule.value)) return;
  if (!URL.canParse(`https://${rule.value}`)) reject(scope, { ...rule, got: rule.value });
  checkPublicHost(scope, rule.property, rule.value);
}

/** The copy function refuses what is not on the public internet; what says so by its name is refused here. */
export function checkPublicHost(scope: IConstruct, property: string, host: string): void {
  // As a browser reads it: 0x7f.1 is 127.0.0.1.
  const name = new URL(`https://${host}`).hostname;
  if (name === 'localhost' || name.endsWith('.localhost') || (isIPv4(name) && PRIVATE.check(name))) {
    reject(scope, {
      property, must: 'be at a public address, because the function that copies images is in no VPC', got: host,
      fix: 'Build or load the image in the app (ImageSource.directory, ImageSource.tarball), or push it to a public registry.',
    });
  }
}

/** The host that a password is sent to for a token. */
export function checkTokenHost(scope: IConstruct, tokenHost?: string): void {
  if (tokenHost === undefined) return;
  checkHost(scope, {
    property: 'tokenHost', value: tokenHost, pattern: REGISTRY_HOST,
    must: 'be a host', fix: 'Give the host alone, e.g. "docker-auth.elastic.co", without https:// and without a path.',
  });
}
