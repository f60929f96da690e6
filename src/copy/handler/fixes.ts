import { EcrHost, parseEcrHost } from '../../custom-resource/ecr';
import { messageOf } from '../../custom-resource/text';
import { CopyError } from '../../engine/errors';

const READ = 'ecr:BatchGetImage and ecr:GetDownloadUrlForLayer';
const WRITE = 'ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage and ecr:BatchGetImage';

/** The sentence for a failed copy, with the fix if it is known. */
export function explain(error: unknown): string {
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
  if (code === 'NAME_UNKNOWN') return 'the repository must exist before the copy starts';
  if (code === 'TAG_INVALID') return 'choose another tag: tags do not move';
  if (status === 401 || status === 403) return ecrHostOf(error) === undefined ? fixOfLogin(error) : fixOfPermission(error);
  if (side === 'source' && status === 404) return fixOfAbsence(error);
  if (message.includes('(ENOTFOUND)')) return 'check the spelling of the host';
  if (message.includes('is not at a public address')) return 'use a registry on the public internet, or build or load the image in the app';
  return undefined;
}

function fixOfPermission({ side, status }: CopyError): string | undefined {
  if (status === 401) return undefined;
  return `allow ${side === 'source' ? READ : WRITE} on this repository to the role of the function, and check the policy of the repository`;
}

function fixOfLogin({ side, status }: CopyError): string {
  return status === 401
    ? 'give credentials for this host, or check those in its secret'
    : `check that the credentials for this host may ${side === 'source' ? 'pull from' : 'push to'} this repository`;
}

/** The fix for a missing source. The bootstrap repository has this name by default. */
function fixOfAbsence({ reference }: CopyError): string {
  return /-container-assets-\d{12}-/.test(reference)
    ? 'deploy again, so that it is built and pushed again'
    : 'check repository and tag';
}
