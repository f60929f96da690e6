import { Token } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { checkIdentity } from '../../federation/cloud-identity';
import { isKnown } from '../../private/lookups';
import { checkImportedName } from '../../private/repository-names';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';
import { checkTagOrDigest } from '../image-names';
import { ImageSourceBinder, REGISTRY_SOURCE, ImageSourceRegistryOptions } from '../image-source-config';
import { checkLogin, checkTokenHost, fullReference } from '../references';

/** An image of any OCI registry. */
export function registrySource(reference: string, options: ImageSourceRegistryOptions): ImageSourceBinder {
  return (scope, { reader }) => {
    const full = fullReference(scope, reference);
    REGISTRY_SOURCE.check(scope, '', options, 'options');
    const { credentials, identity, tokenHost } = options;
    checkTokenHost(scope, tokenHost);
    checkNotEcr(scope, full);
    checkLogin(scope, '', { credentials, identity });
    checkIdentity(scope, 'identity', identity, isKnown(full) ? full.slice(0, full.indexOf('/')) : undefined);
    const platforms = platformNames(scope, options);
    credentials?.grantRead(reader);
    identity?._grant(reader);
    return { reference: full, credentials, identity, tokenHost, hasReferrers: true, platforms, selectedPlatforms: platforms };
  };
}

const PLATFORM_NAME = /^[\w.-]+\/[\w.-]+(?:\/[\w.-]+)?$/;

/** The names of the platforms, each once, in an order that does not depend on the user's. */
function platformNames(scope: IConstruct, { platforms }: ImageSourceRegistryOptions): string[] | undefined {
  const names = platforms?.map(({ platform }) => platform);
  const wrong = names?.find(name => !Token.isUnresolved(name) && !PLATFORM_NAME.test(name));
  if (wrong !== undefined) {
    reject(scope, {
      property: 'platforms', must: 'be platforms such as linux/arm64', got: wrong,
      fix: 'Use Platform.LINUX_AMD64, Platform.LINUX_ARM64 or Platform.custom(\'linux/s390x\').',
    });
  }
  return names && [...new Set(names)].sort();
}

/** Rejects an ECR image, which needs `ImageSource.ecr`: ECR has no passwords, and the grant requires the repository. */
function checkNotEcr(scope: IConstruct, reference: string): void {
  const [, account, region, repository, version] = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z.-]+\/([^:@]+)[:@](.+)$/.exec(reference) ?? [];
  if (account !== undefined) {
    const arn = `arn:aws:ecr:${region}:${account}:repository/${repository}`;
    reject(scope, {
      property: 'reference', must: 'be an image outside of ECR, because reading from ECR needs a permission for the repository', got: reference,
      fix: `Use ImageSource.ecr(ecr.Repository.fromRepositoryArn(this, 'Source', '${arn}'), '${version}').`,
    });
  }
}

/** An image of another ECR repository. */
export function ecrSource(repository: IRepository, tagOrDigest: string): ImageSourceBinder {
  return (scope, { reader }) => {
    checkRepository(scope, repository);
    checkTagOrDigest(scope, tagOrDigest);
    repository.grantPull(reader);
    // Methods of the repository would record the image as deployed and protect it.
    const separator = tagOrDigest.startsWith('sha256:') ? '@' : ':';
    return { reference: `${repository.repositoryUri}${separator}${tagOrDigest}`, hasReferrers: true };
  };
}

function checkRepository(scope: IConstruct, repository: IRepository): void {
  checkValue(scope, 'repository', repository, {
    kind: 'instance', required: true, must: 'be an ECR repository', methods: ['grantPull', 'repositoryUriForTagOrDigest'],
    fix: 'Use one such as ecr.Repository.fromRepositoryName(this, \'Stage\', \'web\').',
  });
  // CDK accepts any string as the name of an imported repository.
  checkImportedName(scope, repository.repositoryName);
}
