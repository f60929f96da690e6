import { EcrHost, parseEcrHost } from '../../custom-resource/ecr';
import { messageOf } from '../../custom-resource/text';
import { CopyError } from '../../engine/errors';

const READ = 'ecr:BatchGetImage and ecr:GetDownloadUrlForLayer';
const WRITE = 'ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage and ecr:BatchGetImage';

const HIDDEN = 'the image is private, or it does not exist';
// The hosts of Artifact Registry, and the roles of service accounts.
const GOOGLE = /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)\//;
const ROLES = { source: 'roles/artifactregistry.reader', destination: 'roles/artifactregistry.writer' };
const DOCKER_HUB = 'registry-1.docker.io';
const AZURE = /^[a-z0-9-]+\.azurecr\.[a-z.]+\//;

/** The message for a failed copy, with the fix if one is known. */
export function explainCopy(error: unknown): string {
  if (!(error instanceof CopyError)) return messageOf(error);
  const fix = fixOf(error);
  return fix === undefined ? error.message : `${error.message}; ${fix}`;
}

/** Whether ECR reports a missing permission. */
export function isDeniedByEcr(error: unknown): boolean {
  return error instanceof CopyError && error.status === 403 && ecrHostOf(error) !== undefined;
}

function ecrHostOf({ reference }: CopyError): EcrHost | undefined {
  return parseEcrHost(reference.slice(0, reference.indexOf('/')));
}

function fixOf(error: CopyError): string | undefined {
  const { side, status, code, message } = error;
  if (side === 'source' && (status === 429 || code === 'TOOMANYREQUESTS') && ecrHostOf(error) === undefined) return fixForRateLimit(error);
  if (side === 'destination' && code === 'NAME_UNKNOWN') return 'the repository must exist before the copy starts';
  if (code === 'TAG_INVALID') return 'choose another tag: tags do not move';
  if (status === 401 || status === 403) return ecrHostOf(error) === undefined ? fixForLogin(error) : fixForPermission(error);
  if (side === 'source' && (status === 404 || code === 'NAME_UNKNOWN')) return fixForMissingImage(error);
  if (message.includes('(ENOTFOUND)')) return 'check the spelling of the host';
  if (message.includes('is not at a public address')) return 'use a registry on the public internet, or build or load the image in the app';
  return undefined;
}

function fixForPermission({ side, status }: CopyError): string | undefined {
  if (status === 401) return undefined;
  return `allow ${side === 'source' ? READ : WRITE} on this repository to the role of the function, and check the policy of the repository`;
}

/** The fix for a refused login. Many registries do not reveal to anonymous clients whether a repository exists. */
function fixForLogin({ side, status, reference }: CopyError): string {
  const [doubt, verb] = side === 'source' ? [`${HIDDEN}; `, 'pull from'] : ['', 'push to'];
  const identity = AZURE.test(reference) ? ', or the roles of its identity' : '';
  return doubt + (status === 401
    ? 'give credentials for this host, or check those in its secret'
    : `check that the credentials for this host may ${verb} this repository${GOOGLE.test(reference) ? ` (${ROLES[side]})` : ''}`) + identity;
}

/** The fix for a source that limits its requests. Functions of many accounts share the addresses of Lambda. */
function fixForRateLimit({ reference }: CopyError): string {
  const [, host, repository, version = ''] = /^([^/]+)\/([^:@]+)([:@].+)?$/.exec(reference) ?? [];
  const official = host === DOCKER_HUB && repository.startsWith('library/') ? `the same image at public.ecr.aws/docker/${repository}${version}` : undefined;
  const ways = ['credentials for this host', official, 'a pull-through cache (RegistrySettings)', 'fewer platforms (the option platforms)'];
  return `the registry limits how often an address may read, and functions of Lambda share addresses: use ${ways.filter(Boolean).join(', ').replace(/, ([^,]*)$/, ', or $1')}`;
}

/** The fix for a missing source. The bootstrap repository has this name by default. */
function fixForMissingImage(error: CopyError): string {
  if (/-container-assets-\d{12}-/.test(error.reference)) return 'deploy again, so that it is built and pushed again';
  return `check repository and tag: ${ecrHostOf(error) === undefined ? HIDDEN : 'the image does not exist'}`;
}
