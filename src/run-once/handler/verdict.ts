import { RunContainer } from './decode-run';
import { SeenContainer, SeenTask, WatchedTask } from './watch-task';

/** Why a run has failed. */
export interface Failure {
  /** For people. */
  readonly reasons: readonly string[];
  /**
   * The container whose log tells more.
   *
   * @default - none has written any
   */
  readonly culprit?: RunContainer;
}

/** What a container has come to. */
interface Ended {
  readonly container: RunContainer;
  readonly seen?: SeenContainer;
}

// Whoever ends with 0 because it was told to end has not done its work.
const INTERRUPTED = ['UserInitiated', 'ServiceSchedulerInitiated', 'SpotInterruption', 'TerminationNotice'];
// Said of every task that ends, and of those that end well.
const USUAL_REASON = /^Essential container (in task )?exited$/;
// SIGKILL and SIGTERM: how ECS ends the others when an essential container has ended.
const TOLD_TO_END = [137, 143];

/**
 * What went wrong; `undefined` when every essential container ended by itself with exit code 0.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export function failureOf({ task, isLate }: WatchedTask, containers: readonly RunContainer[]): Failure | undefined {
  const ended = containers.map((container): Ended => ({ container, seen: task.containers.find(({ name }) => name === container.name) }));
  const isInterrupted = task.lastStatus !== 'STOPPED' || INTERRUPTED.includes(task.stopCode ?? '');
  const essential = ended.filter(({ container }) => container.isEssential);
  const failed = essential.filter(({ seen }) => seen?.exitCode !== 0);
  if (!isInterrupted && failed.length === 0) return undefined;

  const others = ended.filter(({ container, seen }) => !container.isEssential && (seen?.exitCode ?? 0) !== 0);
  const told = [...failed, ...failed.some(hasRun) ? [] : others];
  const talkers = [...told, ...essential].filter(each => isInterrupted || hasRun(each)).sort((one, other) => rank(one) - rank(other));
  const late = task.lastStatus === 'STOPPED' ? 'it took longer than its timeout and was stopped' : 'it takes longer than its timeout and does not stop: look at it';
  const isUsual = task.stoppedReason === undefined || (isLate && isInterrupted) || USUAL_REASON.test(task.stoppedReason);
  return {
    reasons: [
      ...isInterrupted ? [isLate ? late : 'it was stopped before it ended'] : [],
      ...told.map(describe),
      ...isUsual ? [] : [String(task.stoppedReason).replace(/\.$/, '')],
      ...isInterrupted ? [] : cureOf(essential),
    ],
    culprit: talkers[0]?.container,
  };
}

function hasRun({ seen }: Ended): boolean {
  return seen?.exitCode !== undefined;
}

/** Who failed by itself before who was told to end. */
function rank({ seen: { exitCode = 0 } = {} }: Ended): number {
  return exitCode === 0 ? 2 : TOLD_TO_END.includes(exitCode) ? 1 : 0;
}

function describe({ container: { name }, seen }: Ended): string {
  const what = seen?.exitCode === undefined ? 'did not run to its end' : `ended with exit code ${seen.exitCode}`;
  return `container '${name}' ${what}${seen?.reason === undefined ? '' : ` (${seen.reason})`}`;
}

/** A helper that runs as long as the work does is told to end with it. */
function cureOf(essential: readonly Ended[]): string[] {
  const isDone = essential.some(({ seen }) => seen?.exitCode === 0);
  const helper = essential.find(({ seen }) => TOLD_TO_END.includes(seen?.exitCode ?? 0));
  return isDone && helper ? [`if '${helper.container.name}' only helps, give it essential: false`] : [];
}

// What AWS itself says to try again.
const WITHOUT_ROOM = /capacity is unavailable|timeout waiting for (network interface|ephemeral ?storage) provisioning/i;

/** Whether the task never began for want of room, so that nothing of it has happened. */
export function isWithoutRoom({ stopCode, stoppedReason = '', containers }: SeenTask): boolean {
  return stopCode === 'TaskFailedToStart' && WITHOUT_ROOM.test(stoppedReason) && containers.every(({ exitCode }) => exitCode === undefined);
}
