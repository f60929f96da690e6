import { createHash } from 'node:crypto';
import { RunOrder } from './decode-run';
import { TaskApi } from './task-apis';
import { AwsRefusal } from '../../custom-resource/aws';
import { CustomResourceEvent } from '../../custom-resource/protocol';
import { sentence } from '../../custom-resource/text';
import { RetryReason, RetryableError } from '../../engine/errors';
import { records, texts } from '../../engine/json';

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
const OBSTACLES: readonly { readonly reason: RegExp; readonly mayPass: boolean; readonly fix: string }[] = [
  { reason: /^RESOURCE:/, mayPass: true, fix: 'give the cluster more room, or the task less' },
  { reason: /^AGENT$/, mayPass: true, fix: 'see to the ECS agents on the instances of the cluster' },
  { reason: /no container instances/i, mayPass: true, fix: 'give the cluster instances, or run on Fargate' },
  { reason: /capacity|PROVISIONING/i, mayPass: true, fix: 'deploy again later, or give it subnets in more availability zones' },
  { reason: /you've reached the limit/i, mayPass: true, fix: 'have the quota of the account raised, or deploy again later' },
  { reason: /^(ATTRIBUTE|LOCATION)/, mayPass: false, fix: 'no instance of the cluster can run it: look at its architecture and subnets' },
  { reason: /^MISSING/, mayPass: false, fix: 'see that the cluster and what the task needs are there' },
];

function obstacleOf(reason: string) {
  return OBSTACLES.find(each => each.reason.test(reason));
}

function mayPass(reason: string): boolean {
  return obstacleOf(reason)?.mayPass ?? false;
}

/** A task that ECS did not start. It is retried if its reason may pass. */
export class NotStarted extends RetryableError {}

/** Starts the tasks of one event. */
export class TaskStarter {
  /** Names them in ECS. */
  public readonly startedBy: string;
  private tries = 0;

  constructor(private readonly order: RunOrder, private readonly event: CustomResourceEvent, private readonly api: TaskApi) {
    this.startedBy = `run-once-${this.hash('started').slice(0, 40)}`;
  }

  /** What an earlier delivery of the same event has started. */
  public async started(): Promise<string[]> {
    const { order: { cluster }, startedBy, api } = this;
    const found = [];
    for (const desiredStatus of ['RUNNING', 'STOPPED']) {
      found.push(...texts((await api.ask('ListTasks', { cluster, startedBy, desiredStatus })).taskArns));
    }
    return found;
  }

  /** Starts the task, or finds the one that the same attempt has started before. Returns its ARN. */
  public async start(): Promise<string> {
    const outcome = await this.tryOnce();
    if ('taskArn' in outcome) return outcome.taskArn;
    throw this.notStarted(outcome.reason, mayPass(outcome.reason) ? 'busy' : undefined);
  }

  /** The error for a task that did not start. */
  public notStarted(reason: string, retry?: RetryReason): NotStarted {
    const counted = this.tries === 1 ? '' : ` (tried ${this.tries} times)`;
    const fix = obstacleOf(reason)?.fix;
    return new NotStarted(`ECS did not start the task: ${reason}${counted}${fix === undefined ? '' : `; ${fix}`}`, retry);
  }

  private async tryOnce(): Promise<{ readonly taskArn: string } | { readonly reason: string }> {
    try {
      const { tasks, failures } = await this.api.ask('RunTask', this.request(this.tries++));
      const taskArn = records(tasks)[0]?.taskArn;
      if (typeof taskArn === 'string') return { taskArn };
      const [{ reason, detail } = {}] = records(failures);
      return { reason: [sentence(reason) ?? 'it did not say why', sentence(detail)].filter(Boolean).join(', ') };
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
      const [taskArn] = texts(error.answer.resourceIds);
      if (error.type === 'ConflictException' && taskArn !== undefined) return { taskArn };
      if (error.detail !== undefined && mayPass(error.detail)) return { reason: error.detail };
      throw error.isTemporary ? new Error(`${error.message}; look whether a task runs that was started by ${this.startedBy}`) : error;
    }
  }

  private request(tries: number): object {
    const { cluster, taskDefinition, launchType, platformVersion, subnets, securityGroups, assignPublicIp } = this.order;
    return {
      cluster, taskDefinition, launchType, count: 1, startedBy: this.startedBy,
      // With the same token ECS starts the same task once, however often it is asked.
      clientToken: this.hash(`try ${tries}`),
      ...platformVersion !== undefined && { platformVersion },
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, ...assignPublicIp !== undefined && { assignPublicIp } } },
    };
  }

  private hash(what: string): string {
    const { StackId, LogicalResourceId, RequestId } = this.event;
    return createHash('sha256').update([StackId, LogicalResourceId, RequestId, what].join('|')).digest('hex');
  }
}
