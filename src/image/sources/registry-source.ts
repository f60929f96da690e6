import { IConstruct } from 'constructs';
import { checkSecret } from '../../private/check-secret';
import { checkObject } from '../../private/check-types';
import { reject } from '../../private/validation';
import { ImageSourceBinder } from '../image-source-config';
import { RegistrySourceOptions } from '../image-source-options';
import { checkTokenHost } from '../registry-host';
import { fullReference } from '../registry-reference';

/** An image of any OCI registry. */
export function registrySource(reference: string, options: RegistrySourceOptions): ImageSourceBinder {
  return (scope, { reader }) => {
    const full = fullReference(scope, reference);
    checkObject(scope, 'options', options);
    const { credentials, tokenHost } = options;
    checkTokenHost(scope, tokenHost);
    if (credentials !== undefined) checkSecret(scope, 'credentials', credentials);
    checkNotEcr(scope, full);
    credentials?.grantRead(reader);
    return { reference: full, credentials, tokenHost, hasReferrers: true };
  };
}

/** ECR takes no password of users, and its permissions need the repository. */
function checkNotEcr(scope: IConstruct, reference: string): void {
  const [, account, region, repository, version] = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z.-]+\/([^:@]+)[:@](.+)$/.exec(reference) ?? [];
  if (account !== undefined) {
    const arn = `arn:aws:ecr:${region}:${account}:repository/${repository}`;
    reject(scope, {
      property: 'reference', must: 'be of another registry than ECR, whose images take a permission to read', got: reference,
      fix: `Use ImageSource.ecr(ecr.Repository.fromRepositoryArn(this, 'Source', '${arn}'), '${version}').`,
    });
  }
}
