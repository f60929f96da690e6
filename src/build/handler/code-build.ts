import { createHash } from 'node:crypto';
import { BuildOrder, BuildSecret, PlatformBuild } from './decode-build';
import { AwsApi, AwsRefusal, AwsSeams, localService } from '../../custom-resource/aws';
import { CustomResourceEvent, WorkLimits, resourceHash } from '../../custom-resource/protocol';
import { sentence } from '../../custom-resource/text';
import { records, texts } from '../../engine/json';
import { BUILD_VARIABLES } from '../buildspec';

const CODE_BUILD = { service: 'codebuild', title: 'CodeBuild', target: 'CodeBuild_20161006' };
// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html
const MAX_DESCRIBED = 100;
// Errors that pass when a role that this deployment has just created takes effect.
const UNSPREAD = /not authorized to perform: sts:AssumeRole|does not allow AWS CodeBuild to (?:create|assume)/i;

/** A phase of a build that did not succeed. */
export interface FailedPhase {
  /** For example `DOWNLOAD_SOURCE`. */
  readonly name: string;
  readonly status: string;
  /** @default - CodeBuild reports no message */
  readonly message?: string;
}

/** A build, as CodeBuild describes it. */
export interface SeenBuild {
  readonly id: string;
  readonly status: string;
  readonly digest?: string;
  readonly failedPhase?: FailedPhase;
  readonly logGroup?: string;
  readonly logStream?: string;
  /** The log in the console. */
  readonly logLink?: string;
  readonly resource?: string;
  readonly request?: string;
  readonly platform?: string;
}

/** The builds of one event. */
export class CodeBuild {
  private readonly api: AwsApi<'BatchGetBuilds' | 'ListBuildsForProject' | 'StartBuild' | 'StopBuild'>;
  private readonly resource: string;
  private readonly request: string;

  constructor(private readonly order: Pick<BuildOrder, 'builds'>, event: CustomResourceEvent, seams: AwsSeams, limits: WorkLimits) {
    this.api = new AwsApi(localService(CODE_BUILD, seams), seams, limits);
    this.resource = resourceHash(event);
    this.request = hash(`${this.resource}|${event.RequestId}`).slice(0, 32);
  }

  /** Stops the builds of earlier requests of this resource. Returns the builds that an earlier delivery of this request has started. */
  public async takeOver(): Promise<SeenBuild[]> {
    const projects = [...new Set(this.order.builds.map(({ project }) => project))];
    const ours = (await Promise.all(projects.map(async project => this.newest(project)))).flat().filter(({ resource }) => resource === this.resource);
    await this.stop(ours.filter(({ request, status }) => request !== this.request && status === 'IN_PROGRESS').map(({ id }) => id));
    return ours.filter(({ request }) => request === this.request);
  }

  /** Starts a build. Returns its ID, or the reason why it cannot start now. */
  public async start(build: PlatformBuild, order: BuildOrder, attempt: number): Promise<{ readonly id: string } | { readonly reason: string }> {
    try {
      const { build: started } = await this.api.ask('StartBuild', this.question(build, order, attempt));
      const id = records([started])[0]?.id;
      if (typeof id === 'string') return { id };
      throw new Error('CodeBuild started a build without an ID');
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
      if (error.type === 'AccountLimitExceededException') {
        return { reason: `the quota for concurrent builds of the account is used up (${error.detail ?? error.type}); request a higher one in Service Quotas, or deploy later` };
      }
      if (UNSPREAD.test(error.detail ?? '')) return { reason: `CodeBuild cannot assume the role of the project yet: ${error.detail}` };
      throw error;
    }
  }

  /** The builds of this request. Builds of other requests are left out. `undefined` if CodeBuild is temporarily unavailable. */
  public async describe(ids: readonly string[]): Promise<SeenBuild[] | undefined> {
    try {
      return (await this.seen(ids)).filter(({ request }) => request === this.request);
    } catch (error) {
      if (error instanceof AwsRefusal && error.isTemporary) return undefined;
      throw error;
    }
  }

  /** Stops builds. Errors are ignored, because a build that cannot be stopped ends at its timeout. */
  public async stop(ids: readonly string[]): Promise<void> {
    await Promise.allSettled(ids.map(async id => this.api.ask('StopBuild', { id })));
  }

  private async newest(projectName: string): Promise<SeenBuild[]> {
    const { ids } = await this.api.ask('ListBuildsForProject', { projectName, sortOrder: 'DESCENDING' });
    return this.seen(texts(ids).slice(0, MAX_DESCRIBED));
  }

  private async seen(ids: readonly string[]): Promise<SeenBuild[]> {
    if (ids.length === 0) return [];
    return records((await this.api.ask('BatchGetBuilds', { ids })).builds).flatMap(seenBuild);
  }

  private question({ project, platform, arguments: own }: PlatformBuild, order: BuildOrder, attempt: number): object {
    const [sourceTypeOverride, sourceLocationOverride] = ['S3', order.source];
    const args = ['--platform', platform, ...order.attestations, ...own, ...order.secrets.flatMap(secretArgument), ...order.arguments];
    return {
      projectName: project, sourceTypeOverride, sourceLocationOverride,
      environmentVariablesOverride: [
        plain(BUILD_VARIABLES.arguments, Buffer.from(JSON.stringify(args)).toString('base64')),
        plain(BUILD_VARIABLES.output, order.outputOptions),
        plain(BUILD_VARIABLES.resource, this.resource),
        plain(BUILD_VARIABLES.request, this.request),
        plain(BUILD_VARIABLES.platform, platform),
        ...order.secrets.map(({ arn }, position) => ({ name: secretName(position), value: arn, type: 'SECRETS_MANAGER' })),
      ],
      // CodeBuild starts one build per token within five minutes.
      idempotencyToken: hash(`${this.request}|${platform}|${attempt}`),
    };
  }
}

function secretArgument({ id }: BuildSecret, position: number): string[] {
  return ['--secret', `id=${id},env=${secretName(position)}`];
}

function secretName(position: number): string {
  return `${BUILD_VARIABLES.secret}${position + 1}`;
}

function plain(name: string, value: string): object {
  return { name, value, type: 'PLAINTEXT' };
}

function hash(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

function seenBuild({ id, buildStatus, exportedEnvironmentVariables, phases, logs, environment }: Readonly<Record<string, unknown>>): SeenBuild[] {
  if (typeof id !== 'string') return [];
  const [log = {}] = records([logs]);
  const [{ environmentVariables } = {} as Readonly<Record<string, unknown>>] = records([environment]);
  const value = (variables: unknown, wanted: string) => sentence(records(variables).find(({ name }) => name === wanted)?.value);
  return [{
    id,
    status: sentence(buildStatus) ?? 'UNKNOWN',
    digest: value(exportedEnvironmentVariables, BUILD_VARIABLES.digest),
    failedPhase: failedPhase(phases),
    logGroup: sentence(log.groupName),
    logStream: sentence(log.streamName),
    logLink: sentence(log.deepLink),
    resource: value(environmentVariables, BUILD_VARIABLES.resource),
    request: value(environmentVariables, BUILD_VARIABLES.request),
    platform: value(environmentVariables, BUILD_VARIABLES.platform),
  }];
}

/** The first phase that failed. CodeBuild still runs later phases, such as POST_BUILD. */
function failedPhase(phases: unknown): FailedPhase | undefined {
  const failed = records(phases).find(({ phaseStatus }) => typeof phaseStatus === 'string' && !['SUCCEEDED', 'IN_PROGRESS'].includes(phaseStatus));
  if (failed === undefined) return undefined;
  const messages = records(failed.contexts).map(({ message }) => sentence(message)).filter(message => message !== undefined);
  return { name: sentence(failed.phaseType) ?? 'unknown', status: String(failed.phaseStatus), message: messages[0] };
}
