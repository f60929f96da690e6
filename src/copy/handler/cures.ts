import { parseEcrHost } from './ecr-host';
import { CopyError } from '../engine/errors';

const READ = 'ecr:BatchGetImage and ecr:GetDownloadUrlForLayer';
const WRITE = 'ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage and ecr:BatchGetImage';

/** The sentence for a failed copy, with the cure when it is known. */
export function explain(error: unknown): string {
  if (!(error instanceof CopyError)) return error instanceof Error ? error.message : 'unknown failure';
  const cure = cureOf(error);
  return cure === undefined ? error.message : `${error.message}; ${cure}`;
}

function cureOf({ side, status, code, reference }: CopyError): string | undefined {
  const ecr = parseEcrHost(reference.slice(0, reference.indexOf('/')));
  if (code === 'NAME_UNKNOWN') return 'the repository must exist before the copy starts';
  if (code === 'TAG_INVALID') return 'choose another tag, or exclude this one from immutability';
  if (status === 403 && ecr !== undefined) {
    return `allow ${side === 'source' ? READ : WRITE} on this repository to the role of the function, and check the policy of the repository`;
  }
  if (status === 401 && ecr === undefined) return 'the registry needs credentials, and none are configured for its host';
  return undefined;
}
