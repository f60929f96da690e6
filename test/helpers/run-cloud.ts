import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Json = Readonly<Record<string, unknown>>;

/** The course of a task. */
export interface Life {
  /** How often it is reported as running before it is reported as stopped. */
  readonly looks?: number;
  /** Never ends by itself. */
  readonly isEndless?: boolean;
  /** Does not even stop on request. */
  readonly isDeaf?: boolean;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** Exit codes by container, or the reason why it did not run. */
  readonly containers?: { readonly [name: string]: number | string };
  /** The exit code of a container that was stopped on request. */
  readonly stopsWith?: number;
}

/** A started task. */
export interface StartedTask {
  readonly arn: string;
  readonly request: Json;
  looks: number;
  isStopped: boolean;
  readonly life: Life;
}

// Rules in the prose of the API references of ECS and CloudWatch Logs that no model contains. Each returns an error message.
const RULES: Readonly<Record<string, (request: Json) => string | false>> = {
  ListTasks: ({ startedBy, family, desiredStatus, serviceName, containerInstance, launchType, daemonName }) => {
    const others = [family, desiredStatus, serviceName, containerInstance, launchType, daemonName].filter(each => each !== undefined);
    return startedBy !== undefined && others.length > 0 && 'startedBy must be the only filter that you use.';
  },
  DescribeTasks: ({ tasks }) => !(Array.isArray(tasks) && tasks.length >= 1 && tasks.length <= 100) && 'Tasks cannot be empty, and no more than 100.',
  RunTask: ({ launchType, capacityProviderStrategy, platformVersion, networkConfiguration, count, clientToken, startedBy }) => {
    const { awsvpcConfiguration: { subnets = [], securityGroups = [], assignPublicIp } = {} } = (networkConfiguration ?? {}) as {
      awsvpcConfiguration?: { subnets?: readonly string[]; securityGroups?: readonly string[]; assignPublicIp?: string };
    };
    return [
      launchType !== undefined && capacityProviderStrategy !== undefined && 'If a launchType is specified, the capacityProviderStrategy parameter must be omitted.',
      launchType !== 'FARGATE' && platformVersion !== undefined && 'The platform version is only supported on Fargate.',
      launchType !== 'FARGATE' && assignPublicIp !== undefined && 'Assign public IP is not supported for this launch type.',
      !(Number(count) >= 1 && Number(count) <= 10) && 'You can specify up to 10 tasks for each call.',
      !(subnets.length >= 1 && subnets.length <= 16 && securityGroups.length <= 5) && 'There is a limit of 16 subnets and 5 security groups.',
      !/^[\x21-\x7e]{1,64}$/.test(String(clientToken)) && 'Up to 64 characters in the range of 33-126 are allowed.',
      !/^[\w/-]{1,128}$/.test(String(startedBy)) && 'Up to 128 letters, numbers, hyphens, forward slashes and underscores are allowed.',
    ].find(Boolean) ?? false;
  },
  GetLogEvents: ({ logGroupName, logGroupIdentifier }) =>
    (logGroupName === undefined) === (logGroupIdentifier === undefined) && 'You must include either logGroupIdentifier or logGroupName, but not both.',
};

/** The number of task ARNs on a page of `ListTasks`. */
const LISTED = 100;

export const CLUSTER = 'arn:aws:ecs:eu-west-1:111122223333:cluster/main';
export const LOG_GROUP = '/migrate';

/** The parts of ECS, CloudWatch Logs and CloudFormation that a one-off task uses: real HTTP on loopback. */
export class RunCloud {
  public static async start(): Promise<RunCloud> {
    const cloud = new RunCloud();
    await new Promise<void>(resolve => cloud.server.listen(0, '127.0.0.1', resolve));
    return cloud;
  }

  public readonly calls: { readonly action: string; readonly body: Json }[] = [];
  public readonly tasks: StartedTask[] = [];
  /** The courses of the next tasks; the last one stays. */
  public lives: Life[] = [{}];
  /** The reasons why the next run requests start nothing. */
  public placementFailures: { readonly reason: string; readonly detail?: string }[] = [];
  /** The errors of the next calls of an operation: a name, with a message after `: `. `reset` and `lost` break the connection, `lost` after work. */
  public readonly failures = new Map<string, string[]>();
  /** Bodies of the successful answers of an operation, instead of the usual ones. */
  public readonly bodies = new Map<string, string>();
  /** Log streams by `group, stream`: the results of the next requests; the last one stays. */
  public readonly logs = new Map<string, (string | readonly string[])[]>();
  /** Status of the stack; `undefined` is not returned. */
  public stackStatus?: string = 'UPDATE_IN_PROGRESS';
  /** The number of requests for a task that find nothing yet. */
  public unknownLooks = 0;
  /** A stopped task is no longer listed. */
  public forgetsStopped = false;
  /** The number of ended tasks of other clients with the same family. */
  public stoppedStrangers = 0;
  private readonly tokens = new Map<string, StartedTask>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  public get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The calls of one operation. */
  public bodiesOf(operation: string): Json[] {
    return this.calls.filter(({ action }) => action.endsWith(`:${operation}`)).map(({ body }) => body);
  }

  /** Closes all connections. */
  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request);
    const service = /Credential=[^/]+\/\d{8}\/[^/]+\/([a-z0-9]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? 'unsigned';
    const isForm = service === 'cloudformation';
    const operation = isForm ? new URLSearchParams(sent).get('Action') ?? '' : String(request.headers['x-amz-target']).split('.')[1];
    const body: Json = isForm ? Object.fromEntries(new URLSearchParams(sent)) : JSON.parse(sent);
    this.calls.push({ action: `${service}:${operation}`, body });
    const failure = this.failures.get(operation)?.shift();
    const answer = failure === undefined || failure === 'lost' ? this.answer(operation, body) : failure;
    const given = this.bodies.get(operation);
    if (given !== undefined) {
      response.end(given);
    } else if (failure === 'reset' || failure === 'lost') {
      request.socket.destroy();
    } else if (isForm) {
      response.writeHead(this.stackStatus ? 200 : 400).end(`<Stacks><member><StackStatus>${this.stackStatus ?? ''}</StackStatus></member></Stacks>`);
    } else {
      const [, __type, message = 'not to be relied on'] = /^(\w+)(?:: (.+))?$/s.exec(String(answer)) ?? [];
      const json = typeof answer === 'string' ? { __type, message } : answer;
      response.writeHead('__type' in json ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(json));
    }
  }

  private answer(operation: string, body: Json): Json | string {
    const refusal = RULES[operation]?.(body);
    if (refusal) return `InvalidParameterException: ${refusal}`;
    switch (operation) {
      case 'RunTask': return this.run(body);
      case 'ListTasks': return this.list(body);
      case 'DescribeTasks': return this.describeTasks(body.tasks as string[]);
      case 'StopTask': return this.stopTask(body);
      case 'GetLogEvents': return this.log(body);
      default: return {};
    }
  }

  private run(request: Json): Json | string {
    if (request.cluster !== CLUSTER) return 'ClusterNotFoundException: Cluster not found.';
    const token = String(request.clientToken);
    const before = this.tokens.get(token);
    if (before === undefined) {
      const failure = this.placementFailures.shift();
      if (failure !== undefined) return { tasks: [], failures: [failure] };
    } else if (JSON.stringify(before.request) !== JSON.stringify(request)) {
      return { __type: 'ConflictException', resourceIds: [before.arn] };
    }
    return { tasks: [this.view(before ?? this.begin(token, request), 'PROVISIONING')], failures: [] };
  }

  private begin(token: string, request: Json): StartedTask {
    const life = this.lives.length > 1 ? this.lives.shift() ?? {} : this.lives[0];
    const task = { arn: `${CLUSTER.replace(':cluster/', ':task/')}/${String(this.tasks.length + 1).padStart(4, '0')}`, request, looks: 0, isStopped: false, life };
    this.tasks.push(task);
    this.tokens.set(token, task);
    return task;
  }

  private list({ startedBy, family, desiredStatus = 'RUNNING', nextToken = '0' }: Json): Json {
    const isWanted = (task: StartedTask) => this.hasEnded(task) ? desiredStatus === 'STOPPED' && !this.forgetsStopped : desiredStatus === 'RUNNING';
    const isOf = ({ request }: StartedTask) => startedBy === undefined || request.startedBy === startedBy;
    const isIn = ({ request }: StartedTask) => family === undefined || String(request.taskDefinition).includes(`/${family}:`);
    const found = this.tasks.filter(task => isOf(task) && isIn(task) && isWanted(task));
    const arns = [...this.strangers(family, desiredStatus), ...found.map(({ arn }) => arn)];
    const from = Number(nextToken);
    return { taskArns: arns.slice(from, from + LISTED), ...from + LISTED < arns.length && { nextToken: String(from + LISTED) } };
  }

  /** Ended tasks of the same family that other clients started. */
  private strangers(family: unknown, desiredStatus: unknown): string[] {
    if (family === undefined || desiredStatus !== 'STOPPED') return [];
    return Array.from({ length: this.stoppedStrangers }, (_, position) => `${CLUSTER.replace(':cluster/', ':task/')}/stranger-${position}`);
  }

  private hasEnded({ looks, isStopped, life }: StartedTask): boolean {
    return isStopped ? !life.isDeaf : !life.isEndless && looks > (life.looks ?? 2);
  }

  private describeTasks(arns: readonly string[]): Json {
    const isUnknown = this.unknownLooks-- > 0;
    const tasks: Json[] = [];
    const failures: Json[] = [];
    for (const arn of arns) {
      const task = isUnknown ? undefined : this.tasks.find(each => each.arn === arn);
      if (task !== undefined) {
        task.looks++;
        tasks.push(this.view(task, this.hasEnded(task) ? 'STOPPED' : 'RUNNING'));
      } else if (arn.includes('/stranger-') && !isUnknown) {
        tasks.push({ taskArn: arn, lastStatus: 'STOPPED', startedBy: 'somebody-else', containers: [] });
      } else {
        failures.push({ arn, reason: 'MISSING' });
      }
    }
    return { tasks, failures };
  }

  private view(task: StartedTask, lastStatus: string): Json {
    const { life: { stopCode = 'EssentialContainerExited', stoppedReason = 'Essential container in task exited', containers = { migrate: 0 }, stopsWith = 137 } } = task;
    const common = { taskArn: task.arn, lastStatus, startedBy: task.request.startedBy };
    if (lastStatus !== 'STOPPED') return { ...common, containers: Object.keys(containers).map(name => ({ name, lastStatus })) };
    const end = (name: string, ended: number | string) => ({
      name, ...task.isStopped ? { exitCode: stopsWith } : typeof ended === 'number' ? { exitCode: ended } : { reason: ended },
    });
    return {
      ...common,
      ...task.isStopped ? { stopCode: 'UserInitiated', stoppedReason: 'It took longer than its timeout' } : { stopCode, stoppedReason },
      containers: Object.entries(containers).map(([name, ended]) => end(name, ended)),
    };
  }

  private stopTask({ task }: Json): Json | string {
    const found = this.tasks.find(({ arn }) => arn === task);
    if (found === undefined) return 'InvalidParameterException: The referenced task was not found.';
    found.isStopped = true;
    return { task: this.view(found, 'RUNNING') };
  }

  private log({ logGroupName, logStreamName, limit, nextToken }: Json): Json | string {
    const shown = this.logs.get(`${logGroupName}, ${logStreamName}`);
    if (shown === undefined) return 'ResourceNotFoundException: The specified log stream does not exist.';
    const look = shown.length > 1 ? shown.shift() ?? [] : shown[0];
    if (look === 'empty page') return { events: [], nextBackwardToken: `older than ${nextToken}` };
    if (typeof look === 'string') return look;
    return { events: look.slice(-Number(limit)).map(message => ({ message, timestamp: 1 })), nextBackwardToken: nextToken ?? 'end' };
  }
}
