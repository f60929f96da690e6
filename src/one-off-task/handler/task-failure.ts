import { RunContainer } from './decode-run';
import { DescribedContainer, DescribedTask, WatchedTask } from './tasks';

/** Why a task failed. */
export interface TaskFailure {
  /** The reasons, for messages. */
  readonly reasons: readonly string[];
  /**
   * The container whose log shows the cause.
   *
   * @default - no container ran
   */
  readonly logContainer?: RunContainer;
}

/** A container of the template, and what ECS reports about it. */
interface ContainerResult {
  readonly container: RunContainer;
  readonly described?: DescribedContainer;
}

// Only this means that the task ended by itself. A container that ends with 0 because it was stopped has not finished its work.
const COMPLETED = 'EssentialContainerExited';
const NOT_STARTED = 'TaskFailedToStart';
// The stop codes whose meaning the message or the reason of ECS already contains.
const SELF_EXPLANATORY_STOP_CODES = ['ServiceSchedulerInitiated', 'SpotInterruption', 'TerminationNotice', 'UserInitiated'];
// ECS reports these for every task that ends, including successful ones.
const USUAL_REASON = /^Essential container (in task )?exited$/;
// The exit codes for SIGKILL and SIGTERM. ECS sends these signals to the other containers after an essential one has ended.
const STOPPED_EXIT_CODES = [137, 143];

/**
 * The failure of a task. `undefined` if every essential container ended by itself with exit code 0.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export function failureOf({ task, isLate }: WatchedTask, containers: readonly RunContainer[]): TaskFailure | undefined {
  const results = containers.map((container): ContainerResult => (
    { container, described: task.containers.find(({ name }) => name === container.name) }
  ));
  const isStopped = task.lastStatus === 'STOPPED';
  const isCompleted = isStopped && task.stopCode === COMPLETED;
  const isInterrupted = !isCompleted && !(isStopped && task.stopCode === NOT_STARTED);
  const essential = results.filter(({ container }) => container.isEssential);
  const failed = essential.filter(({ described }) => described?.exitCode !== 0);
  if (isCompleted && failed.length === 0) return undefined;

  const others = results.filter(({ container, described }) => !container.isEssential && (described?.exitCode ?? 0) !== 0);
  const reported = [...failed, ...failed.some(hasRun) ? [] : others];
  const [first] = [...reported, ...essential].filter(each => isInterrupted || hasRun(each)).sort((one, other) => rank(one) - rank(other));
  const late = isStopped ? 'it took longer than its timeout and was stopped' : 'it takes longer than its timeout and does not stop';
  const isUsual = task.stoppedReason === undefined || (isLate && isInterrupted) || USUAL_REASON.test(task.stoppedReason);
  return {
    reasons: [
      ...isInterrupted ? [isLate ? late : `it was stopped before it ended${codeOf(task)}`] : [],
      ...isCompleted || isInterrupted || reported.length > 0 ? [] : ['it did not start'],
      ...reported.map(describe),
      ...isUsual ? [] : [String(task.stoppedReason).replace(/\.$/, '')],
      ...isInterrupted ? [] : fixForHelpers(essential),
    ],
    logContainer: first?.container,
  };
}

/** The stop code, unless the message already contains its meaning. */
function codeOf({ stopCode }: DescribedTask): string {
  if (stopCode === undefined) return ' (ECS gave no stop code)';
  return SELF_EXPLANATORY_STOP_CODES.includes(stopCode) ? '' : ` (${stopCode})`;
}

function hasRun({ described }: ContainerResult): boolean {
  return described?.exitCode !== undefined;
}

/** Containers that failed by themselves, before those that were stopped. */
function rank({ described: { exitCode = 0 } = {} }: ContainerResult): number {
  return exitCode === 0 ? 2 : STOPPED_EXIT_CODES.includes(exitCode) ? 1 : 0;
}

function describe({ container: { name }, described }: ContainerResult): string {
  const what = described?.exitCode === undefined ? 'did not run to its end' : `ended with exit code ${described.exitCode}`;
  return `container '${name}' ${what}${described?.reason === undefined ? '' : ` (${described.reason})`}`;
}

/** The fix for helper containers, which are stopped together with the container that does the work. */
function fixForHelpers(essential: readonly ContainerResult[]): string[] {
  const isDone = essential.some(({ described }) => described?.exitCode === 0);
  const helper = essential.find(({ described }) => STOPPED_EXIT_CODES.includes(described?.exitCode ?? 0));
  return isDone && helper ? [`if '${helper.container.name}' only helps, give it essential: false`] : [];
}

// Reasons of AWS that pass if the task is started again.
const OUT_OF_CAPACITY = /capacity is unavailable|timeout waiting for (network interface|ephemeral ?storage) provisioning/i;

/** Whether the task never began because of missing capacity, so it had no effect. */
export function isOutOfCapacity({ stopCode, stoppedReason = '', containers }: DescribedTask): boolean {
  return stopCode === NOT_STARTED && OUT_OF_CAPACITY.test(stoppedReason) && containers.every(({ exitCode }) => exitCode === undefined);
}
