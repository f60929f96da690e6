import { Stack } from 'aws-cdk-lib';
import { ContainerDefinition, EnvironmentFile, EnvironmentFileConfig } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { checkPattern } from '../../private/validation';

/** A file with environment variables in a scope of its own: two assets would collide in the scope of the container. */
export class ScopedEnvironmentFile extends EnvironmentFile {
  /** The owner and the property are for error messages. */
  constructor(
    private readonly file: EnvironmentFile, private readonly index: number, private readonly owner: IConstruct, private readonly property: string,
  ) {
    super();
  }

  public bind(scope: Construct): EnvironmentFileConfig {
    const config = this.file.bind(new Construct(scope, `EnvironmentFile${this.index + 1}`));
    checkPattern(this.owner, {
      property: this.property, value: config.s3Location.objectKey, pattern: /\.env$/,
      must: 'end with ".env", or ECS does not read them', fix: 'Rename the file.',
    });
    return config;
  }
}

/**
 * The L2 lets nobody read them.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html#task-execution-envvars
 */
export function allowEnvironmentFiles({ taskDefinition, environmentFiles = [] }: ContainerDefinition): void {
  for (const { s3Location: { bucketName, objectKey } } of environmentFiles) {
    const bucketArn = Stack.of(taskDefinition).formatArn({ service: 's3', region: '', account: '', resource: bucketName });
    const allow = (action: string, arn: string) =>
      taskDefinition.addToExecutionRolePolicy(new PolicyStatement({ actions: [`s3:${action}`], resources: [arn] }));
    allow('GetObject', `${bucketArn}/${objectKey}`);
    allow('GetBucketLocation', bucketArn);
  }
}
