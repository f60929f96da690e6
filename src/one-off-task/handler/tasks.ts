import { createHash } from 'node:crypto';
import { TaskRunRequest } from './decode-run';
import { AwsApi, AwsCallError, AwsDependencies, regionalService } from '../../custom-resource/aws';
import { CustomResourceEvent, WorkLimits } from '../../custom-resource/protocol';
import { externalText, messageOf } from '../../custom-resource/text';
import { Clock, pause } from '../../engine/clock';
import { RetryReason, RetryableError } from '../../engine/errors';
import { records, texts } from '../../engine/json';

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
const START_FAILURES: readonly { readonly reason: RegExp; readonly isTemporary: boolean; readonly fix: string }[] = [
  { reason: /^RESOURCE:/, isTemporary: true, fix: 'give the cluster more room, or the task less' },
  { reason: /^AGENT$/, isTemporary: true, fix: 'check the ECS agents on the instances of the cluster' },
  { reason: /no container instances/i, isTemporary: true, fix: 'give the cluster instances, or run on Fargate' },
  { reason: /capacity|PROVISIONING/i, isTemporary: true, fix: 'deploy again later, or give it subnets in more availability zones' },
  { reason: /you've reached the limit/i, isTemporary: true, fix: 'request a higher quota for the account, or deploy again later' },
  { reason: /^(ATTRIBUTE|LOCATION)/, isTemporary: false, fix: 'no instance of the cluster can run it: look at its architecture and subnets' },
  { reason: /^MISSING/, isTemporary: false, fix: 'check that the cluster and everything that the task needs exist' },
];

function startFailureOf(reason: string) {
  return START_FAILURES.find(each => each.reason.test(reason));
}

function isTemporary(reason: string): boolean {
  return startFailureOf(reason)?.isTemporary ?? false;
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
const MAX_DESCRIBED = 100;
// ECS lists a stopped task for about an hour, 100 on a page.
const MAX_PAGES = 100;

/** The error for a task that ECS did not start. The start is retried if the reason is temporary. */
export class TaskNotStartedError extends RetryableError {}

/** Starts the tasks of one event. */
export class TaskStarter {
  /** The mark of these tasks in ECS. */
  public readonly startedBy: string;
  private attempts = 0;

  constructor(private readonly request: TaskRunRequest, private readonly event: CustomResourceEvent, private readonly api: TaskApi) {
    this.startedBy = `one-off-task-${this.hash('started').slice(0, 40)}`;
  }

  /**
   * The tasks that an earlier delivery of the same event has started: running ones first. `startedBy` must be the only filter, and finds only
   * tasks that run. Tasks that have ended are found by their family.
   */
  public async started(): Promise<string[]> {
    const running = await this.list({ startedBy: this.startedBy });
    const stopped = await this.list({ family: familyOf(this.request.taskDefinition), desiredStatus: 'STOPPED' });
    return [...new Set([...running, ...await this.startedByEvent(stopped)])];
  }

  private async list(filter: object): Promise<string[]> {
    const { request: { cluster }, api } = this;
    const found: string[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const response = await api.call('ListTasks', { cluster, ...filter, ...nextToken !== undefined && { nextToken } });
      found.push(...texts(response.taskArns));
      nextToken = typeof response.nextToken === 'string' ? response.nextToken : undefined;
      if (nextToken === undefined) return found;
    }
    throw new Error('ECS lists the tasks of the cluster without an end; deploy again later');
  }

  /** Those of the tasks that this event has started. */
  private async startedByEvent(taskArns: readonly string[]): Promise<string[]> {
    const { request: { cluster }, api, startedBy } = this;
    const found: string[] = [];
    for (let from = 0; from < taskArns.length; from += MAX_DESCRIBED) {
      const { tasks } = await api.call('DescribeTasks', { cluster, tasks: taskArns.slice(from, from + MAX_DESCRIBED) });
      found.push(...texts(records(tasks).filter(task => task.startedBy === startedBy).map(({ taskArn }) => taskArn)));
    }
    return found;
  }

  /** Starts the task, or finds the task that the same attempt has already started. Returns its ARN. */
  public async start(): Promise<string> {
    const result = await this.runTask();
    if ('taskArn' in result) return result.taskArn;
    throw this.notStarted(result.reason, isTemporary(result.reason) ? 'busy' : undefined);
  }

  /** The error for a task that did not start. */
  public notStarted(reason: string, retry?: RetryReason): TaskNotStartedError {
    const counted = this.attempts === 1 ? '' : ` (tried ${this.attempts} times)`;
    const fix = startFailureOf(reason)?.fix;
    return new TaskNotStartedError(`ECS did not start the task: ${reason}${counted}${fix === undefined ? '' : `; ${fix}`}`, { retry });
  }

  private async runTask(): Promise<{ readonly taskArn: string } | { readonly reason: string }> {
    try {
      const { tasks, failures } = await this.api.call('RunTask', this.runTaskInput(this.attempts++));
      const taskArn = records(tasks)[0]?.taskArn;
      if (typeof taskArn === 'string') return { taskArn };
      const [{ reason, detail } = {}] = records(failures);
      return { reason: [externalText(reason) ?? 'without a reason', externalText(detail)].filter(Boolean).join(', ') };
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      const [taskArn] = texts(error.response.resourceIds);
      if (error.type === 'ConflictException' && taskArn !== undefined) return { taskArn };
      if (error.detail !== undefined && isTemporary(error.detail)) return { reason: error.detail };
      throw error.isTemporary ? new Error(`${error.message}; look whether a task runs that was started by ${this.startedBy}`) : error;
    }
  }

  private runTaskInput(attempt: number): object {
    const { cluster, taskDefinition, launchType, platformVersion, subnets, securityGroups, assignPublicIp } = this.request;
    return {
      cluster, taskDefinition, launchType, count: 1, startedBy: this.startedBy,
      // ECS starts one task per token, even if the call is repeated.
      clientToken: this.hash(`try ${attempt}`),
      ...platformVersion !== undefined && { platformVersion },
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, ...assignPublicIp !== undefined && { assignPublicIp } } },
    };
  }

  private hash(what: string): string {
    const { StackId, LogicalResourceId, RequestId } = this.event;
    return createHash('sha256').update([StackId, LogicalResourceId, RequestId, what].join('|')).digest('hex');
  }
}

/** The family of a task definition, which its ARN contains. */
function familyOf(taskDefinition: string): string {
  return taskDefinition.slice(taskDefinition.indexOf('/') + 1, taskDefinition.lastIndexOf(':'));
}

/** A task, as ECS describes it. */
export interface DescribedTask {
  readonly lastStatus?: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers: readonly DescribedContainer[];
}

/** A container of a task, as ECS describes it. */
export interface DescribedContainer {
  readonly name?: string;
  /** @default - the container did not run */
  readonly exitCode?: number;
  readonly reason?: string;
}

/** Options for watching a task. */
export interface WatchOptions {
  readonly api: TaskApi;
  readonly clock: Clock;
  readonly limits: WorkLimits;
  readonly cluster: string;
  /** The mark of the tasks of the event. Other tasks are never watched or stopped, even if the event names one. */
  readonly startedBy: string;
  /** The time at which the task is stopped. */
  readonly until: number;
}

/** The end of a task. */
export interface WatchedTask {
  readonly task: DescribedTask;
  /** Whether the task took too long. */
  readonly isLate: boolean;
}

const PAUSE_MILLISECONDS = 5_000;
/** How long ECS may fail to describe the task: because it does not list the task, or because it is unavailable. */
const GIVE_UP_MILLISECONDS = {
  // ECS may not list a task that it has just started: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
  MISSING: 120_000,
  UNAVAILABLE: 600_000,
};
// A container gets two minutes at most to stop: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const STOP_MILLISECONDS = 180_000;

/** Waits for the end of a task and stops it if it takes too long. Returns `undefined` if this invocation must end first. */
export async function watchTask(taskArn: string, options: WatchOptions): Promise<WatchedTask | undefined> {
  const { clock, until, limits: { deadline, signal } } = options;
  let isStopped = false;
  let lastSeen = clock.now();
  for (;;) {
    const seen = await describeTask(taskArn, options);
    const now = clock.now();
    if (typeof seen === 'object') {
      lastSeen = now;
    } else if (now - lastSeen >= GIVE_UP_MILLISECONDS[seen]) {
      throw new Error(`ECS no longer describes the task ${taskArn}: check whether it ran`);
    }
    const isLate = now >= until;
    if (typeof seen === 'object' && (seen.lastStatus === 'STOPPED' || now >= until + STOP_MILLISECONDS)) return { task: seen, isLate };
    if (now >= deadline) return undefined;
    if (isLate && !isStopped) {
      isStopped = true;
      await stopTask(taskArn, options);
    }
    const wait = Math.min(PAUSE_MILLISECONDS * (0.5 + clock.random()), isLate ? Infinity : Math.max(1, until - now));
    if (!await pause(wait, { clock, deadline, signal })) return undefined;
  }
}

async function stopTask(task: string, { api, cluster }: WatchOptions): Promise<void> {
  try {
    await api.call('StopTask', { cluster, task, reason: 'It took longer than its timeout' });
  } catch (error) {
    throw new Error(`the task ${task} takes longer than its timeout and could not be stopped: ${messageOf(error)}`);
  }
}

async function describeTask(task: string, { api, cluster, startedBy }: WatchOptions): Promise<DescribedTask | 'MISSING' | 'UNAVAILABLE'> {
  try {
    const [seen] = records((await api.call('DescribeTasks', { cluster, tasks: [task] })).tasks);
    if (seen !== undefined && seen.startedBy !== startedBy) throw new Error(`the task ${task} was not started for this event`);
    return seen === undefined ? 'MISSING' : {
      lastStatus: externalText(seen.lastStatus),
      stopCode: externalText(seen.stopCode),
      stoppedReason: externalText(seen.stoppedReason),
      containers: records(seen.containers).map(({ name, exitCode, reason }) => ({
        name: externalText(name), exitCode: typeof exitCode === 'number' ? exitCode : undefined, reason: externalText(reason),
      })),
    };
  } catch (error) {
    if (error instanceof AwsCallError && error.isTemporary) return 'UNAVAILABLE';
    throw error;
  }
}

/** The ECS operations that the function calls. */
export type TaskApi = AwsApi<'DescribeTasks' | 'ListTasks' | 'RunTask' | 'StopTask'>;
const ECS = { service: 'ecs', title: 'ECS', target: 'AmazonEC2ContainerServiceV20141113' };

/** The API of ECS in the region of the function. */
export function taskApi(dependencies: AwsDependencies, limits: WorkLimits): TaskApi {
  return new AwsApi(regionalService(ECS, dependencies), dependencies, limits);
}
