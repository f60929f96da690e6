import { CfnOutput, CfnResource, Stack } from 'aws-cdk-lib';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { OldConstruct } from './old-construct';
import { ServiceMigrationFromQueueProcessingFargateServiceOptions } from './service-migration-options';
import { resourceOf } from './service-parts';
import { reject } from '../private/validation';

/** The queues in the options of a migration. */
export type QueueOptions = Pick<ServiceMigrationFromQueueProcessingFargateServiceOptions, 'queue' | 'deadLetterQueue' | 'existingQueue'>;

/** Rejects queues that cannot be taken over. */
export function checkQueues(by: Construct, pattern: OldConstruct, { queue, deadLetterQueue, existingQueue }: QueueOptions): void {
  for (const [property, each] of Object.entries({ queue, deadLetterQueue })) {
    if (each === undefined) continue;
    if (!CfnResource.isCfnResource(resourceOf(each)) || Stack.of(each) !== pattern.stack) {
      reject(by, {
        property, must: 'be a new queue in the stack of the deployed construct, because a resource cannot move to another stack', got: each.node.path,
        fix: 'Create it in that stack, or leave it out if the deployed construct uses an existing queue.',
      });
    }
  }
  if (existingQueue !== undefined && (queue ?? deadLetterQueue) !== undefined) {
    reject(by, {
      property: 'existingQueue', must: 'be left out together with a queue that is taken over', got: existingQueue.node.path,
      fix: 'Leave it out, unless the deployed construct has the property queue.',
    });
  }
}

/** Keeps the queues of a `QueueProcessingFargateService`, and its outputs, which other programs may read. */
export function keepQueues(scope: Construct, pattern: OldConstruct, { queue, deadLetterQueue, existingQueue }: QueueOptions): void {
  if (queue !== undefined) pattern.child('EcsProcessingQueue').keepLogicalId(resourceOf(queue));
  if (deadLetterQueue !== undefined) pattern.child('EcsProcessingDeadLetterQueue').keepLogicalId(resourceOf(deadLetterQueue));
  const outputs: [string, IQueue | undefined][] = [['SQSQueue', queue ?? existingQueue], ['SQSDeadLetterQueue', deadLetterQueue]];
  for (const [id, each] of outputs) {
    if (each === undefined) continue;
    keepOutput(scope, pattern, id, each.queueName);
    keepOutput(scope, pattern, `${id}Arn`, each.queueArn);
  }
}

/** Creates an output with the ID and the logical ID of a deployed one. */
export function keepOutput(scope: Construct, pattern: OldConstruct, id: string, value: string): void {
  pattern.child(id).keepLogicalId(new CfnOutput(scope, id, { value }), '');
}
