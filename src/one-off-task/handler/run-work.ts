import { RunContainer, RunOrder, decodeRun } from './decode-run';
import { NotStarted, TaskStarter, taskApi, watchTask } from './tasks';
import { failureOf, isWithoutRoom } from './verdict';
import { AwsSeams } from '../../custom-resource/aws';
import { LogOptions, ReadLog, lastLogLines, logApi, REASON_BYTES, withLog } from '../../custom-resource/log-lines';
import { Outcome, Work, Seams, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';
import { messageOf } from '../../custom-resource/text';
import { RetryPolicy, repeat } from '../../engine/retry';

const ROOM_MILLISECONDS = 600_000;
const RULES: RetryPolicy['rules'] = { busy: { backoff: { first: 10_000, longest: 60_000, jitter: 0.5 } } };

/** The work for Create and Update: runs a task to its end, or fails with its exit code and its last log lines. */
export function runWork(seams: AwsSeams): Work {
  const { clock } = seams;
  return async (event, limits) => {
    const order = decodeRun(event.ResourceProperties ?? {});
    // Only the first invocation checks this, because a started task is always watched until it ends.
    if (event.Continuation === undefined && await isRollback(event, seams)) return { status: 'SUCCESS', summary: 'CloudFormation rolls back, so nothing ran' };
    const since = event.Continuation?.Since ?? clock.now();
    const until = since + order.timeoutMilliseconds;
    const api = taskApi(seams, limits);
    const room = Math.min(until, since + ROOM_MILLISECONDS);
    const starter = new TaskStarter(order, event, api);
    const options = { api, clock, limits, cluster: order.cluster, startedBy: starter.startedBy, until };
    const known = event.Continuation?.Memo === undefined ? await starter.started() : [event.Continuation.Memo];
    const policy: RetryPolicy = {
      clock, rules: RULES, deadline: Math.min(room, limits.deadline), signal: limits.signal,
      reasonOf: error => error instanceof NotStarted ? error.retry : undefined,
    };
    return repeat(policy, async () => {
      const taskArn = known.shift() ?? await starter.start();
      const watched = await watchTask(taskArn, options);
      if (watched === undefined) return { status: 'UNFINISHED', memo: taskArn, reason: `the task ${taskArn} still runs: wait for its end before you deploy again` };
      if (isWithoutRoom(watched.task) && clock.now() < room) throw starter.notStarted('it never began to run', 'busy');
      const failure = failureOf(watched, order.containers);
      if (failure === undefined) return { status: 'SUCCESS', summary: `${taskArn} ended with exit code 0` };
      return failed(failure.reasons, await logOf(order, failure.culprit, taskArn, { ...options, api: logApi(seams, limits) }));
    });
  };
}

function failed(reasons: readonly string[], log: Log): Outcome {
  const sentence = (all: readonly string[]) => `the task failed: ${all.join('; ')}`;
  return { status: 'FAILED', reason: typeof log === 'string' ? withLog(sentence([...reasons, log]), undefined) : withLog(sentence(reasons), log) };
}

/** The log, the reason why it could not be read, or nothing. */
type Log = ReadLog | string | undefined;

async function logOf({ logGroup, logLines }: RunOrder, culprit: RunContainer | undefined, taskArn: string, options: Omit<LogOptions, 'group' | 'stream' | 'lines'>): Promise<Log> {
  if (logGroup === undefined || culprit?.streamPrefix === undefined) return undefined;
  const stream = [culprit.streamPrefix, culprit.name, taskArn.slice(taskArn.lastIndexOf('/') + 1)].join('/');
  const where = `${logGroup}, ${stream}`;
  try {
    return { where, lines: await lastLogLines({ ...options, group: logGroup, stream, lines: logLines }) };
  } catch (error) {
    return `its log (${where}) could not be read: ${messageOf(error)}`;
  }
}

/** Serves `Custom::ContainerOneOffTask`. Delete runs nothing: the work of a task is not undone. */
export async function serveOneOffTask(event: CustomResourceEvent, context: InvocationContext, work: Work, seams: Seams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the run',
    tooLong: 'look at the tasks of the cluster before you deploy again',
    reasonBytes: REASON_BYTES,
    physicalId: each => each.PhysicalResourceId ?? `one-off-task-${resourceHash(each)}`,
    work,
    remove: async () => ({ status: 'SUCCESS', summary: 'nothing runs' }),
  }, seams);
}

/**
 * Whether CloudFormation rolls back a deployment.
 *
 * If CloudFormation does not report it, the revisions decide: a deployment always registers a newer revision, a rollback uses an older one.
 */
export async function isRollback(event: CustomResourceEvent, seams: AwsSeams): Promise<boolean> {
  return await isRolledBack(event.StackId, seams) ?? isOlder(event.ResourceProperties?.TaskDefinition, event.OldResourceProperties?.TaskDefinition);
}

function isOlder(now: unknown, before: unknown): boolean {
  const [one, other] = [now, before].map(arn => /^(.+):(\d+)$/.exec(String(arn)));
  return one !== null && other !== null && one[1] === other[1] && Number(one[2]) < Number(other[2]);
}
