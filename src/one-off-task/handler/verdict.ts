import { RunContainer } from './decode-run';
import { SeenContainer, SeenTask, WatchedTask } from './tasks';

/** The failure of a run. */
export interface Failure {
  /** The reasons, for messages. */
  readonly reasons: readonly string[];
  /**
   * The container with the relevant log.
   *
   * @default - none has written any
   */
  readonly culprit?: RunContainer;
}

/** The end of a container. */
interface Ended {
  readonly container: RunContainer;
  readonly seen?: SeenContainer;
}

// Only this means that the task ended by itself. A container that ends with 0 because it was stopped has not finished its work.
const COMPLETED = 'EssentialContainerExited';
const NOT_STARTED = 'TaskFailedToStart';
// The stop codes whose meaning the message or the reason of ECS already contains.
const EXPLAINED = ['ServiceSchedulerInitiated', 'SpotInterruption', 'TerminationNotice', 'UserInitiated'];
// ECS reports these for every task that ends, including successful ones.
const USUAL_REASON = /^Essential container (in task )?exited$/;
// The exit codes for SIGKILL and SIGTERM. ECS sends these signals to the other containers after an essential one has ended.
const TOLD_TO_END = [137, 143];

/**
 * The failure of a run. `undefined` if every essential container ended by itself with exit code 0.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export function failureOf({ task, isLate }: WatchedTask, containers: readonly RunContainer[]): Failure | undefined {
  const ended = containers.map((container): Ended => ({ container, seen: task.containers.find(({ name }) => name === container.name) }));
  const isStopped = task.lastStatus === 'STOPPED';
  const isCompleted = isStopped && task.stopCode === COMPLETED;
  const isInterrupted = !isCompleted && !(isStopped && task.stopCode === NOT_STARTED);
  const essential = ended.filter(({ container }) => container.isEssential);
  const failed = essential.filter(({ seen }) => seen?.exitCode !== 0);
  if (isCompleted && failed.length === 0) return undefined;

  const others = ended.filter(({ container, seen }) => !container.isEssential && (seen?.exitCode ?? 0) !== 0);
  const reported = [...failed, ...failed.some(hasRun) ? [] : others];
  const talkers = [...reported, ...essential].filter(each => isInterrupted || hasRun(each)).sort((one, other) => rank(one) - rank(other));
  const late = isStopped ? 'it took longer than its timeout and was stopped' : 'it takes longer than its timeout and does not stop';
  const isUsual = task.stoppedReason === undefined || (isLate && isInterrupted) || USUAL_REASON.test(task.stoppedReason);
  return {
    reasons: [
      ...isInterrupted ? [isLate ? late : `it was stopped before it ended${codeOf(task)}`] : [],
      ...isCompleted || isInterrupted || reported.length > 0 ? [] : ['it did not start'],
      ...reported.map(describe),
      ...isUsual ? [] : [String(task.stoppedReason).replace(/\.$/, '')],
      ...isInterrupted ? [] : fixOf(essential),
    ],
    culprit: talkers[0]?.container,
  };
}

/** The stop code, unless the message already contains its meaning. */
function codeOf({ stopCode }: SeenTask): string {
  if (stopCode === undefined) return ' (ECS gave no stop code)';
  return EXPLAINED.includes(stopCode) ? '' : ` (${stopCode})`;
}

function hasRun({ seen }: Ended): boolean {
  return seen?.exitCode !== undefined;
}

/** Containers that failed by themselves, before those that were stopped. */
function rank({ seen: { exitCode = 0 } = {} }: Ended): number {
  return exitCode === 0 ? 2 : TOLD_TO_END.includes(exitCode) ? 1 : 0;
}

function describe({ container: { name }, seen }: Ended): string {
  const what = seen?.exitCode === undefined ? 'did not run to its end' : `ended with exit code ${seen.exitCode}`;
  return `container '${name}' ${what}${seen?.reason === undefined ? '' : ` (${seen.reason})`}`;
}

/** The fix for helper containers, which are stopped together with the container that does the work. */
function fixOf(essential: readonly Ended[]): string[] {
  const isDone = essential.some(({ seen }) => seen?.exitCode === 0);
  const helper = essential.find(({ seen }) => TOLD_TO_END.includes(seen?.exitCode ?? 0));
  return isDone && helper ? [`if '${helper.container.name}' only helps, give it essential: false`] : [];
}

// Reasons of AWS that pass if the task is started again.
const WITHOUT_ROOM = /capacity is unavailable|timeout waiting for (network interface|ephemeral ?storage) provisioning/i;

/** Whether the task never began because of missing capacity, so it had no effect. */
export function isWithoutRoom({ stopCode, stoppedReason = '', containers }: SeenTask): boolean {
  return stopCode === 'TaskFailedToStart' && WITHOUT_ROOM.test(stoppedReason) && containers.every(({ exitCode }) => exitCode === undefined);
}
