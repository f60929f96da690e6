import { TaskApi } from './task-apis';
import { AwsRefusal } from '../../custom-resource/aws';
import { WorkLimits } from '../../custom-resource/protocol';
import { messageOf, sentence } from '../../custom-resource/text';
import { Clock } from '../../engine/clock';
import { records } from '../../engine/json';

/** A task as ECS describes it. */
export interface SeenTask {
  readonly lastStatus?: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers: readonly SeenContainer[];
}

/** A container of it. */
export interface SeenContainer {
  readonly name?: string;
  /** @default - it did not run */
  readonly exitCode?: number;
  readonly reason?: string;
}

/** How a task is watched, and how long. */
export interface WatchOptions {
  readonly api: TaskApi;
  readonly clock: Clock;
  readonly limits: WorkLimits;
  readonly cluster: string;
  /** Marks the tasks of the event. No other task is watched or stopped, whatever task the event names. */
  readonly startedBy: string;
  /** When it is stopped. */
  readonly until: number;
}

/** What became of a task. */
export interface WatchedTask {
  readonly task: SeenTask;
  /** It took too long. */
  readonly isLate: boolean;
}

const PAUSE_MILLISECONDS = 5_000;
// What ECS has just started it may not know yet: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
const UNKNOWN_MILLISECONDS = 120_000;
const SILENT_MILLISECONDS = 600_000;
// ECS gives a container two minutes at the most to stop: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const STOP_MILLISECONDS = 180_000;

/** Waits for the end of a task, and stops it when it takes too long; `undefined` when this invocation is too short for it. */
export async function watchTask(taskArn: string, options: WatchOptions): Promise<WatchedTask | undefined> {
  const { clock, until, limits: { deadline, signal } } = options;
  let isStopped = false;
  let lastSeen = clock.now();
  for (;;) {
    const seen = await look(taskArn, options);
    const now = clock.now();
    if (typeof seen === 'object') {lastSeen = now;} else if (now - lastSeen >= (seen === 'MISSING' ? UNKNOWN_MILLISECONDS : SILENT_MILLISECONDS)) {
      throw new Error(`ECS says nothing of the task ${taskArn} any more: look whether it ran`);
    }
    const isLate = now >= until;
    if (typeof seen === 'object' && (seen.lastStatus === 'STOPPED' || now >= until + STOP_MILLISECONDS)) return { task: seen, isLate };
    if (now >= deadline) return undefined;
    if (isLate && !isStopped) {
      isStopped = true;
      await stop(taskArn, options);
    }
    const pause = Math.min(PAUSE_MILLISECONDS * (0.5 + clock.random()), isLate ? Infinity : Math.max(1, until - now));
    if (now + pause >= deadline) return undefined;
    await clock.sleep(pause, signal);
  }
}

async function stop(task: string, { api, cluster }: WatchOptions): Promise<void> {
  try {
    await api.ask('StopTask', { cluster, task, reason: 'It took longer than its timeout' });
  } catch (error) {
    throw new Error(`the task ${task} takes longer than its timeout and could not be stopped: ${messageOf(error)}`);
  }
}

async function look(task: string, { api, cluster, startedBy }: WatchOptions): Promise<SeenTask | 'MISSING' | 'SILENT'> {
  try {
    const [seen] = records((await api.ask('DescribeTasks', { cluster, tasks: [task] })).tasks);
    if (seen !== undefined && seen.startedBy !== startedBy) throw new Error(`the task ${task} was not started for this event`);
    return seen === undefined ? 'MISSING' : {
      lastStatus: sentence(seen.lastStatus),
      stopCode: sentence(seen.stopCode),
      stoppedReason: sentence(seen.stoppedReason),
      containers: records(seen.containers).map(({ name, exitCode, reason }) => ({
        name: sentence(name), exitCode: typeof exitCode === 'number' ? exitCode : undefined, reason: sentence(reason),
      })),
    };
  } catch (error) {
    if (error instanceof AwsRefusal && error.isTemporary) return 'SILENT';
    throw error;
  }
}
