import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { OldConstruct, checkTakeover } from './old-construct';
import { checkValue } from '../private/shape';
import { ImageRepository } from '../repository/image-repository';

/**
 * Takes over a deployed repository with its images, so that the next deployment changes it in place.
 *
 * Set the same `repositoryName` and `encryption` as in the deployed program: a change of these replaces the repository. The other settings, such as
 * immutable tags and lifecycle rules, change to those of the `ImageRepository`.
 *
 * Keep the call of `applyTo`: without it, the logical ID changes again.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
export class RepositoryMigration {
  /**
   * From an `ecr.Repository` of aws-cdk.
   *
   * @param scope the scope of the deployed construct; it must exist in the new program
   * @param id the ID of the deployed construct, or its path below the scope, e.g. "Images/Repository"
   */
  public static fromRepository(scope: Construct, id: string): RepositoryMigration {
    return new RepositoryMigration(scope, id);
  }

  private constructor(private readonly scope: Construct, private readonly id: string) {}

  /**
   * Take over the repository. Throws if the new one is in another stack.
   *
   * @param repository the repository that replaces the deployed construct
   */
  public applyTo(repository: ImageRepository): void {
    checkValue(this.scope, 'repository', repository, {
      kind: 'instance', required: true, methods: ['addLifecycleRule', 'buildAndPushImage'], must: 'be an ImageRepository of this app',
      fix: 'Pass a new ImageRepository(…). An imported one needs no migration.',
    });
    const resource = repository.node.defaultChild as CfnRepository;
    checkTakeover({
      by: repository, resource, scope: this.scope, id: this.id,
      must: 'be in the stack of the repository, because a resource cannot move to another stack',
      fix: 'Create the repository in the stack of the deployed construct, without separateRepositories.',
    });
    new OldConstruct(this.scope, this.id).keepLogicalId(resource);
  }
}
