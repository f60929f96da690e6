import { Lazy } from 'aws-cdk-lib';
import { ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { hasMethods } from '../private/check-types';
import { definedContainers, isWork } from '../private/defined-containers';
import { childOf } from '../private/stacks';
import { reject } from '../private/validation';

const ID = 'FailedRuns';

/**
 * Tells a target of each task that fails.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 */
export function ruleForFailedRuns(scope: Construct, cluster: ICluster, taskDefinition: TaskDefinition, target: IRuleTarget): Rule {
  if (!hasMethods(target, 'bind')) {
    reject(scope, {
      property: 'target', must: 'be a target of EventBridge', got: target, fix: 'Make one of aws-cdk-lib/aws-events-targets, e.g. new targets.SnsTopic(topic).',
    });
  }
  const existing = childOf(scope, ID);
  const rule = existing instanceof Rule ? existing : new Rule(scope, ID, {
    description: `Tasks of ${scope.node.path} that fail`,
    eventPattern: {
      source: ['aws.ecs'],
      detailType: ['ECS Task State Change'],
      detail: {
        clusterArn: [cluster.clusterArn],
        // What ECS gives each task that is started by itself.
        group: [`family:${taskDefinition.family}`],
        lastStatus: ['STOPPED'],
        $or: [
          { containers: { name: Lazy.list({ produce: () => workOf(taskDefinition) }), exitCode: [{ 'anything-but': [0] }] } },
          // It never ran, or somebody or something ended it.
          { stopCode: [{ 'anything-but': ['EssentialContainerExited'] }] },
        ],
      },
    },
  });
  rule.addTarget(target);
  return rule;
}

/** What only helps is ended when the work is done, and its exit code says so. */
function workOf(taskDefinition: TaskDefinition): string[] {
  return definedContainers(taskDefinition).filter(isWork).map(({ containerName }) => containerName).sort();
}
