import { RunContainer, TaskRunRequest, decodeRun } from './decode-run';
import { failureOf, isOutOfCapacity } from './task-failure';
import { TaskNotStartedError, TaskStarter, taskApi, watchTask } from './tasks';
import { AwsDependencies } from '../../custom-resource/aws';
import { LONG_REASON_BYTES, LogOptions, ReadLog, lastLogLines, logApi, withLog } from '../../custom-resource/log-lines';
import { Outcome, Work, ProtocolDependencies, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';
import { messageOf } from '../../custom-resource/text';
import { RetryPolicy, repeat } from '../../engine/retry';

// How long the start is repeated while there is no capacity.
const CAPACITY_MILLISECONDS = 600_000;
const RULES: RetryPolicy['rules'] = { busy: { backoff: { first: 10_000, longest: 60_000, jitter: 0.5 } } };

/** The work for Create and Update: runs a task to its end, or fails with its exit code and its last log lines. */
export function runWork(dependencies: AwsDependencies): Work {
  const { clock } = dependencies;
  return async (event, limits) => {
    const request = decodeRun(event.ResourceProperties ?? {});
    // Only the first invocation checks this, because a started task is always watched until it ends.
    if (event.Continuation === undefined && await isRollback(event, dependencies)) return { status: 'SUCCESS', summary: 'CloudFormation rolls back, so nothing ran' };
    const since = event.Continuation?.Since ?? clock.now();
    const until = since + request.timeoutMilliseconds;
    const api = taskApi(dependencies, limits);
    const lastStart = Math.min(until, since + CAPACITY_MILLISECONDS);
    const starter = new TaskStarter(request, event, api);
    const options = { api, clock, limits, cluster: request.cluster, startedBy: starter.startedBy, until };
    const startedTasks = event.Continuation?.Memo === undefined ? await starter.started() : [event.Continuation.Memo];
    const policy: RetryPolicy = {
      clock, rules: RULES, deadline: Math.min(lastStart, limits.deadline), signal: limits.signal,
      reasonOf: error => error instanceof TaskNotStartedError ? error.retry : undefined,
    };
    return repeat(policy, async () => {
      const taskArn = startedTasks.shift() ?? await starter.start();
      const watched = await watchTask(taskArn, options);
      if (watched === undefined) return { status: 'UNFINISHED', memo: taskArn, reason: `the task ${taskArn} still runs: wait for its end before you deploy again` };
      if (isOutOfCapacity(watched.task) && clock.now() < lastStart) throw starter.notStarted('it never began to run', 'busy');
      const failure = failureOf(watched, request.containers);
      if (failure === undefined) return { status: 'SUCCESS', summary: `${taskArn} ended with exit code 0` };
      return failed(failure.reasons, await logOf(request, failure.logContainer, taskArn, { ...options, api: logApi(dependencies, limits) }));
    });
  };
}

function failed(reasons: readonly string[], log: Log): Outcome {
  const sentence = (all: readonly string[]) => `the task failed: ${all.join('; ')}`;
  return { status: 'FAILED', reason: typeof log === 'string' ? withLog(sentence([...reasons, log]), undefined) : withLog(sentence(reasons), log) };
}

/** The log, the reason why it could not be read, or nothing. */
type Log = ReadLog | string | undefined;

async function logOf(
  { logGroup, logLines }: TaskRunRequest, container: RunContainer | undefined, taskArn: string, options: Omit<LogOptions, 'group' | 'stream' | 'lines'>,
): Promise<Log> {
  if (logGroup === undefined || container?.streamPrefix === undefined) return undefined;
  const stream = [container.streamPrefix, container.name, taskArn.slice(taskArn.lastIndexOf('/') + 1)].join('/');
  const where = `${logGroup}, ${stream}`;
  try {
    return { where, lines: await lastLogLines({ ...options, group: logGroup, stream, lines: logLines }) };
  } catch (error) {
    return `its log (${where}) could not be read: ${messageOf(error)}`;
  }
}

/** Serves `Custom::ContainerOneOffTask`. Delete runs nothing: the work of a task is not undone. */
export async function serveOneOffTask(
  event: CustomResourceEvent, context: InvocationContext, work: Work, dependencies: ProtocolDependencies,
): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the run',
    timeoutFix: 'look at the tasks of the cluster before you deploy again',
    reasonBytes: LONG_REASON_BYTES,
    physicalId: each => each.PhysicalResourceId ?? `one-off-task-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing runs' }),
  }, dependencies);
}

/**
 * Whether CloudFormation rolls back a deployment.
 *
 * If CloudFormation does not report it, the revisions decide: a deployment always registers a newer revision, a rollback uses an older one.
 */
export async function isRollback(event: CustomResourceEvent, dependencies: AwsDependencies): Promise<boolean> {
  const { StackId, ResourceProperties: current, OldResourceProperties: old } = event;
  return await isRolledBack(StackId, dependencies) ?? isOlder(current?.TaskDefinition, old?.TaskDefinition);
}

/** Whether the revision of a task definition is older than that of another one, in the same family. */
function isOlder(now: unknown, before: unknown): boolean {
  const [one, other] = [now, before].map(arn => /^(.+):(\d+)$/.exec(String(arn)));
  return one !== null && other !== null && one[1] === other[1] && Number(one[2]) < Number(other[2]);
}
