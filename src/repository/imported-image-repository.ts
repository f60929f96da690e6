import { ResourceProps } from 'aws-cdk-lib';
import { RepositoryAttributes } from 'aws-cdk-lib/aws-ecr';
import { AddToResourcePolicyResult } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ImageRepositoryBase } from './image-repository-base';

/** A repository that this app does not create. */
export class ImportedImageRepository extends ImageRepositoryBase {
  public readonly repositoryName: string;
  public readonly repositoryArn: string;

  constructor(scope: Construct, id: string, attributes: RepositoryAttributes, environment: ResourceProps = {}) {
    super(scope, id, environment);
    this.repositoryName = attributes.repositoryName;
    this.repositoryArn = attributes.repositoryArn;
  }

  /** The policy of a repository belongs to whoever creates the repository. */
  public addToResourcePolicy(): AddToResourcePolicyResult {
    return { statementAdded: false };
  }
}
