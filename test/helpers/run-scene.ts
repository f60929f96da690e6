import { TestClock } from './registry-clock';
import { CLUSTER, LOG_GROUP, RunCloud } from './run-cloud';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { send } from '../../src/custom-resource/small-request';
import { runWork, serveOneOffTask } from '../../src/one-off-task/handler/run-work';

export const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Web/1';
const ADDRESS = 'https://cloudformation.example/answer?X-Amz-Signature=canary';

/** The response to CloudFormation. */
export interface Told {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
}

export type Revision = `migrate:${number}`;

/** The ARN of a task definition. */
export function definition(revision: Revision): string {
  return `arn:aws:ecs:eu-west-1:111122223333:task-definition/${revision}`;
}

/** The properties of a one-off task, as CloudFormation sends them. */
export function runProperties(changes: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    SchemaVersion: '1', Cluster: CLUSTER, TaskDefinition: definition('migrate:2'), LaunchType: 'FARGATE', Subnets: ['subnet-1', 'subnet-2'],
    SecurityGroups: ['sg-1'], AssignPublicIp: 'DISABLED', TimeoutSeconds: '1800', LogGroup: LOG_GROUP, LogLines: '20',
    Containers: [{ Name: 'migrate', Essential: 'true', StreamPrefix: 'migrate' }], ...changes,
  };
}

/** An event of CloudFormation. */
export function runEvent(changes: Partial<CustomResourceEvent> = {}): CustomResourceEvent {
  return {
    RequestType: 'Update', ResponseURL: ADDRESS, StackId: STACK, RequestId: 'request', LogicalResourceId: 'Migrate', ResourceProperties: runProperties(), ...changes,
  };
}

/** The real handler with a fake cloud and a test clock. */
export class RunScene {
  public static async open(): Promise<RunScene> {
    return new RunScene(await RunCloud.start());
  }

  /** Another function with the same fake cloud. */
  public static beside({ cloud }: RunScene): RunScene {
    return new RunScene(cloud);
  }

  public readonly clock = new TestClock();
  public readonly lines: string[] = [];
  /** The bodies of all responses to the last event. */
  public readonly answers: string[] = [];
  public invocations = 0;
  /** Lambda accepts no further event. */
  public isAlone = false;

  private constructor(public readonly cloud: RunCloud) {}

  /** Processes a deployment with some properties. */
  public async deploy(changes: Readonly<Record<string, unknown>> = {}, event: Partial<CustomResourceEvent> = {}): Promise<Told> {
    return this.serve(runEvent({ ResourceProperties: runProperties(changes), ...event }));
  }

  /** Processes an event, and every event that the handler sends to itself; returns the response to CloudFormation. */
  public async serve(first: CustomResourceEvent): Promise<Told> {
    const environment = { AWS_ENDPOINT_URL: this.cloud.origin, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret-canary' };
    const { clock } = this;
    const work = runWork({ environment, clock, send });
    const queue = [first];
    this.answers.length = 0;
    this.invocations = 0;
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      this.invocations++;
      const ends = clock.now() + 900_000;
      await serveOneOffTask(event, { getRemainingTimeInMillis: () => ends - clock.now() }, work, {
        clock,
        log: line => this.lines.push(line),
        send: async ({ body }) => {
          this.answers.push(body);
          return { status: 200, body: '' };
        },
        invokeAgain: async next => {
          if (this.isAlone) throw new Error('Lambda could not be reached');
          queue.push(JSON.parse(JSON.stringify(next)));
        },
      });
      expect(clock.now()).toBeLessThan(ends);
    }
    expect(this.answers).toHaveLength(1);
    expect(Buffer.byteLength(this.answers[0])).toBeLessThanOrEqual(4096);
    return JSON.parse(this.answers[0]);
  }

  /** The log of a container of the last task, request by request. */
  public writes(container: string, ...looks: (string | readonly string[])[]): void {
    this.cloud.logs.set(`${LOG_GROUP}, ${container}/${container}/${String(this.cloud.tasks.length + 1).padStart(4, '0')}`, looks);
  }
}
