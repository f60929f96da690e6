import { createHash } from 'node:crypto';
import { RunOrder } from './decode-run';
import { TaskApi } from './task-apis';
import { AwsRefusal } from '../../custom-resource/aws-api';
import { backoff } from '../../custom-resource/backoff';
import { WorkLimits } from '../../custom-resource/custom-resource';
import { CustomResourceEvent } from '../../custom-resource/event';
import { records, texts } from '../../custom-resource/json';
import { sentence } from '../../custom-resource/text';
import { Clock } from '../../engine/clock';

/** What a start takes. */
export interface StartOptions {
  readonly api: TaskApi;
  readonly clock: Clock;
  readonly limits: WorkLimits;
  /** Until when room is waited for. */
  readonly until: number;
}

const WAITS = { first: 5_000, longest: 60_000 };

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
const OBSTACLES: readonly { readonly reason: RegExp; readonly mayPass: boolean; readonly cure: string }[] = [
  { reason: /^RESOURCE:/, mayPass: true, cure: 'give the cluster more room, or the task less' },
  { reason: /^AGENT$/, mayPass: true, cure: 'see to the ECS agents on the instances of the cluster' },
  { reason: /no container instances/i, mayPass: true, cure: 'give the cluster instances, or run on Fargate' },
  { reason: /capacity|PROVISIONING/i, mayPass: true, cure: 'deploy again later, or give it subnets in more availability zones' },
  { reason: /you've reached the limit/i, mayPass: true, cure: 'have the quota of the account raised, or deploy again later' },
  { reason: /^(ATTRIBUTE|LOCATION)/, mayPass: false, cure: 'no instance of the cluster can run it: look at its architecture and subnets' },
  { reason: /^MISSING/, mayPass: false, cure: 'see that the cluster and what the task needs are there' },
];

function obstacleOf(reason: string) {
  return OBSTACLES.find(each => each.reason.test(reason));
}

function mayPass(reason: string): boolean {
  return obstacleOf(reason)?.mayPass ?? false;
}

/** The tasks of one event, and nobody else's. */
export class TaskStarter {
  /** Names them in ECS. */
  public readonly startedBy: string;
  private tries = 0;

  constructor(private readonly order: RunOrder, private readonly event: CustomResourceEvent, private readonly options: StartOptions) {
    this.startedBy = `run-once-${this.hash('started').slice(0, 40)}`;
  }

  /** What an earlier delivery of the same event has started. */
  public async started(): Promise<string[]> {
    const { order: { cluster }, startedBy, options: { api } } = this;
    const found = [];
    for (const desiredStatus of ['RUNNING', 'STOPPED']) {
      found.push(...texts((await api.ask('ListTasks', { cluster, startedBy, desiredStatus })).taskArns));
    }
    return found;
  }

  /** Starts the task, or finds the one that the same try has started before; answers its ARN. What was tried before is tried again later. */
  public async start(): Promise<string> {
    for (let reason = 'it never began to run'; ;) {
      if (this.tries > 0) await this.pause(reason);
      const outcome = await this.tryOnce();
      if ('taskArn' in outcome) return outcome.taskArn;
      reason = outcome.reason;
      if (!mayPass(reason)) throw this.failure(reason);
    }
  }

  private async pause(reason: string): Promise<void> {
    const { clock, until, limits: { deadline, signal } } = this.options;
    const pause = backoff(this.tries, clock, WAITS);
    if (clock.now() + pause >= Math.min(until, deadline)) throw this.failure(reason);
    await clock.sleep(pause, signal);
  }

  private failure(reason: string): Error {
    const counted = this.tries === 1 ? '' : ` (tried ${this.tries} times)`;
    const cure = obstacleOf(reason)?.cure;
    return new Error(`ECS did not start the task: ${reason}${counted}${cure === undefined ? '' : `; ${cure}`}`);
  }

  private async tryOnce(): Promise<{ readonly taskArn: string } | { readonly reason: string }> {
    try {
      const { tasks, failures } = await this.options.api.ask('RunTask', this.request(this.tries++));
      const taskArn = records(tasks)[0]?.taskArn;
      if (typeof taskArn === 'string') return { taskArn };
      const [{ reason, detail } = {}] = records(failures);
      return { reason: [sentence(reason) ?? 'it did not say why', sentence(detail)].filter(Boolean).join(', ') };
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
      const [taskArn] = texts(error.answer.resourceIds);
      if (error.type === 'ConflictException' && taskArn !== undefined) return { taskArn };
      if (error.detail !== undefined && mayPass(error.detail)) return { reason: error.detail };
      throw error.isPassing ? new Error(`${error.message}; look whether a task runs that was started by ${this.startedBy}`) : error;
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
