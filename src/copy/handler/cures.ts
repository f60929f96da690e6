import { EcrHost, parseEcrHost } from './ecr-host';
import { CopyError } from '../engine/errors';

const READ = 'ecr:BatchGetImage and ecr:GetDownloadUrlForLayer';
const WRITE = 'ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage and ecr:BatchGetImage';

/** The sentence for a failed copy, with the cure when it is known. */
export function explain(error: unknown): string {
  if (!(error instanceof CopyError)) return error instanceof Error ? error.message : 'unknown failure';
  const cure = cureOf(error);
  return cure === undefined ? error.message : `${error.message}; ${cure}`;
}

/** Whether ECR says that a permission is missing. */
export function isDeniedByEcr(error: unknown): boolean {
  return error instanceof CopyError && error.status === 403 && ecrHostOf(error) !== undefined;
}

function ecrHostOf({ reference }: CopyError): EcrHost | undefined {
  return parseEcrHost(reference.slice(0, reference.indexOf('/')));
}

function cureOf(error: CopyError): string | undefined {
  const { side, status, code } = error;
  const ecr = ecrHostOf(error);
  if (code === 'NAME_UNKNOWN') return 'the repository must exist before the copy starts';
  if (code === 'TAG_INVALID') return 'choose another tag: tags do not move';
  if (status === 403 && ecr !== undefined) {
    return `allow ${side === 'source' ? READ : WRITE} on this repository to the role of the function, and check the policy of the repository`;
  }
  if (status === 401 && ecr === undefined) return 'give credentials for this host, or check those in its secret';
  return undefined;
}
