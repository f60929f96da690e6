import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { checkImportedName } from '../../private/imported-name';
import { reject } from '../../private/validation';
import { checkTagOrDigest } from '../image-names';
import { ImageSourceBinder } from '../image-source-config';

/** An image of another ECR repository. */
export function ecrSource(repository: IRepository, tagOrDigest: string): ImageSourceBinder {
  return (scope, { reader }) => {
    checkRepository(scope, repository);
    checkTagOrDigest(scope, tagOrDigest);
    repository.grantPull(reader);
    // Not by the methods of the repository: it would believe that the image runs, and keep it.
    const separator = tagOrDigest.startsWith('sha256:') ? '@' : ':';
    return { reference: `${repository.repositoryUri}${separator}${tagOrDigest}`, hasReferrers: true };
  };
}

function checkRepository(scope: IConstruct, repository: IRepository): void {
  if (!hasMethods(repository, 'grantPull', 'repositoryUriForTagOrDigest')) {
    reject(scope, {
      property: 'repository', must: 'be an ECR repository', got: repository, fix: 'Give one, e.g. ecr.Repository.fromRepositoryName(this, \'Stage\', \'web\').',
    });
  }
  // CDK takes any text for the name of a repository that it imports.
  checkImportedName(scope, repository.repositoryName);
}
