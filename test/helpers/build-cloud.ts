import { TestRegistry } from './registry';
import { TestImage } from './registry-images';
import { SmallRequest, SmallResponse } from '../../src/custom-resource/small-request';

type Json = Readonly<Record<string, unknown>>;

/** The course of a build. */
export interface BuildLife {
  /** How often it is reported as running before it ends. @default 2 */
  readonly looks?: number;
  /** @default SUCCEEDED */
  readonly status?: 'SUCCEEDED' | 'FAILED' | 'FAULT' | 'TIMED_OUT';
  /** The digest that it pushes, and exports. @default - nothing */
  readonly image?: TestImage;
  /** The phase that fails. @default BUILD */
  readonly phase?: string;
  readonly message?: string;
  readonly log?: readonly string[];
}

/** A started build. */
export interface StartedBuild {
  readonly id: string;
  readonly request: Json;
  readonly life: BuildLife;
  looks: number;
  isStopped: boolean;
}

/** Rules in the prose of the CodeBuild API reference that no model contains. Each returns an error message. */
const RULES: Readonly<Record<string, (request: Json) => string | false>> = {
  BatchGetBuilds: ({ ids }) => !(Array.isArray(ids) && ids.length >= 1 && ids.length <= 100) && 'ids must have 1 to 100 items',
  StartBuild: ({ sourceTypeOverride, sourceLocationOverride, environmentVariablesOverride }) => {
    const variables = environmentVariablesOverride as { readonly name: string; readonly value: string }[];
    return [
      sourceTypeOverride === 'S3' && !/^[^/]+\/.+/.test(String(sourceLocationOverride)) && 'The location of an S3 source is a bucket and a key',
      new Set(variables.map(({ name }) => name)).size < variables.length && 'An environment variable is there twice',
      variables.some(({ name }) => name.startsWith('CODEBUILD_')) && 'CODEBUILD_ is reserved',
    ].find(Boolean) ?? false;
  },
};

/** The parts of CodeBuild, CloudWatch Logs and CloudFormation that a build uses. */
export class BuildCloud {
  public readonly calls: { readonly operation: string; readonly body: Json }[] = [];
  public readonly builds: StartedBuild[] = [];
  /** The courses of the next builds by platform; the last one stays. */
  public lives: { readonly [platform: string]: BuildLife[] } = {};
  /** The maximum number of concurrent builds. */
  public quota = Infinity;
  /** The errors of the next calls of an operation: an error by name, with a message after `: `. An empty text is no error. */
  public readonly failures = new Map<string, string[]>();
  /** The status of the stack, in order; the last one stays. `undefined` is not returned. */
  public stackStatuses: (string | undefined)[] = ['UPDATE_IN_PROGRESS'];
  private readonly tokens = new Map<string, StartedBuild>();

  constructor(private readonly registry: TestRegistry) {}

  /** The calls of one operation. */
  public bodiesOf(operation: string): Json[] {
    return this.calls.filter(each => each.operation === operation).map(({ body }) => body);
  }

  /** The stopped builds. */
  public get stopped(): string[] {
    return this.builds.filter(({ isStopped }) => isStopped).map(({ id }) => id);
  }

  /** The arguments of a build. */
  public argumentsOf(position = 0): string[] {
    return JSON.parse(Buffer.from(this.variable(this.builds[position], 'BUILDX_ARGUMENTS'), 'base64').toString());
  }

  /** A build that another client has started. */
  public add(id: string, resource: string, request = 'another'): StartedBuild {
    const variables = [{ name: 'BUILD_RESOURCE', value: resource }, { name: 'BUILD_REQUEST', value: request }, { name: 'BUILD_PLATFORM', value: 'linux/amd64' }];
    const build = { id, request: { environmentVariablesOverride: variables }, life: { looks: 1000 }, looks: 0, isStopped: false };
    this.builds.push(build);
    return build;
  }

  /** Sends nothing, and answers. */
  public readonly send = async ({ headers, body }: SmallRequest): Promise<SmallResponse> => {
    const target = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-amz-target')?.[1];
    if (target === undefined) {
      const status = this.stackStatuses.length > 1 ? this.stackStatuses.shift() : this.stackStatuses[0];
      this.calls.push({ operation: 'DescribeStacks', body: {} });
      return { status: status ? 200 : 400, body: `<Stacks><member><StackStatus>${status ?? ''}</StackStatus></member></Stacks>` };
    }
    const operation = target.split('.')[1];
    const json: Json = JSON.parse(body);
    this.calls.push({ operation, body: json });
    const refusal = RULES[operation]?.(json);
    const answer = this.failures.get(operation)?.shift() || (refusal ? `InvalidInputException: ${refusal}` : this.answer(operation, json));
    if (typeof answer !== 'string') return { status: 200, body: JSON.stringify(answer) };
    const [, __type, message] = /^(\w+)(?:: (.+))?$/s.exec(answer) ?? [];
    return { status: 400, body: JSON.stringify({ __type, message }) };
  };

  private answer(operation: string, body: Json): Json | string {
    switch (operation) {
      case 'StartBuild': return this.start(body);
      case 'BatchGetBuilds': return { builds: this.builds.filter(({ id }) => (body.ids as string[]).includes(id)).map(build => this.view(build)), buildsNotFound: [] };
      case 'ListBuildsForProject': return { ids: [...this.builds].reverse().filter(({ id }) => id.startsWith(`${String(body.projectName)}:`)).map(({ id }) => id) };
      case 'StopBuild': return this.stop(String(body.id));
      case 'GetLogEvents': return { events: this.log(String(body.logStreamName)).map(message => ({ message, timestamp: 1 })), nextBackwardToken: 'end' };
      default: return 'UnknownOperationException';
    }
  }

  private start(request: Json): Json | string {
    const token = String(request.idempotencyToken);
    const before = this.tokens.get(token);
    if (before !== undefined) {
      return JSON.stringify(before.request) === JSON.stringify(request) ? { build: this.view(before, false) } : 'InvalidInputException: parameter mismatch';
    }
    if (this.builds.filter(build => this.statusOf(build) === 'IN_PROGRESS').length >= this.quota) {
      return `AccountLimitExceededException: Cannot have more than ${this.quota} builds in queue for the account`;
    }
    const build = { id: `${String(request.projectName)}:${this.builds.length + 1}`, request, life: {}, looks: 0, isStopped: false };
    const lives = this.lives[this.variable(build, 'BUILD_PLATFORM')] ?? [{}];
    const started = { ...build, life: (lives.length > 1 ? lives.shift() : lives[0]) ?? {} };
    this.builds.push(started);
    this.tokens.set(token, started);
    return { build: this.view(started, false) };
  }

  private stop(id: string): Json | string {
    const build = this.builds.find(each => each.id === id);
    if (build === undefined) return 'ResourceNotFoundException: Build does not exist';
    if (this.statusOf(build) !== 'IN_PROGRESS') return 'InvalidInputException: Build cannot be stopped as its status is not IN_PROGRESS';
    build.isStopped = true;
    return { build: this.view(build, false) };
  }

  private statusOf({ isStopped, looks, life }: StartedBuild): string {
    if (isStopped) return 'STOPPED';
    return looks > (life.looks ?? 2) ? life.status ?? 'SUCCEEDED' : 'IN_PROGRESS';
  }

  private view(build: StartedBuild, isLook = true): Json {
    if (isLook) build.looks++;
    const { id, life: { image, phase = 'BUILD', message }, request } = build;
    const buildStatus = this.statusOf(build);
    const isDone = buildStatus === 'SUCCEEDED' && image !== undefined;
    if (isDone) this.registry.repository('team/web').add(image);
    return {
      id, buildStatus, buildComplete: buildStatus !== 'IN_PROGRESS',
      environment: { type: 'LINUX_CONTAINER', image: 'i', computeType: 'BUILD_GENERAL1_SMALL', environmentVariables: request.environmentVariablesOverride },
      exportedEnvironmentVariables: isDone ? [{ name: 'DIGEST', value: image.digest }] : [],
      phases: [
        { phaseType: 'SUBMITTED', phaseStatus: 'SUCCEEDED', contexts: [] },
        ...['SUCCEEDED', 'IN_PROGRESS'].includes(buildStatus) ? [] : [{ phaseType: phase, phaseStatus: buildStatus, contexts: [{ statusCode: 'X', ...message && { message } }] }],
        { phaseType: 'COMPLETED' },
      ],
      logs: { groupName: 'builds', streamName: id.split(':')[1], deepLink: `https://console.example/logs/${id.split(':')[1]}` },
    };
  }

  private log(stream: string): readonly string[] {
    return this.builds.find(({ id }) => id.endsWith(`:${stream}`))?.life.log ?? [];
  }

  private variable({ request }: StartedBuild, wanted: string): string {
    const variables = request.environmentVariablesOverride as { readonly name: string; readonly value: string }[];
    return variables.find(({ name }) => name === wanted)?.value ?? '';
  }
}
