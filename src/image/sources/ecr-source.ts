import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { checkTagOrDigest } from '../image-names';
import { ImageSourceBinder } from '../image-source-config';

/** An image of another ECR repository. */
export function ecrSource(repository: IRepository, tagOrDigest: string): ImageSourceBinder {
  return (scope, { reader }) => {
    checkTagOrDigest(scope, tagOrDigest);
    repository.grantPull(reader);
    return { reference: repository.repositoryUriForTagOrDigest(tagOrDigest), hasReferrers: true };
  };
}
