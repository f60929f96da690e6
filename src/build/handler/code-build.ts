import { createHash } from 'node:crypto';
import { BuildRequest, BuildSecret, PlatformBuild } from './decode-build';
import { AwsApi, AwsCallError, AwsDependencies, regionalService } from '../../custom-resource/aws';
import { CustomResourceEvent, WorkLimits, resourceHash } from '../../custom-resource/protocol';
import { externalText } from '../../custom-resource/text';
import { records, texts } from '../../engine/json';
import { BUILD_VARIABLES } from '../buildspec';

const CODE_BUILD = { service: 'codebuild', title: 'CodeBuild', target: 'CodeBuild_20161006' };
// https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html
const MAX_DESCRIBED = 100;
// Errors that pass when a role that this deployment has just created takes effect.
const ROLE_NOT_PROPAGATED = /not authorized to perform: sts:AssumeRole|does not allow AWS CodeBuild to (?:create|assume)/i;

/** A phase of a build that did not succeed. */
export interface FailedPhase {
  /** For example `DOWNLOAD_SOURCE`. */
  readonly name: string;
  readonly status: string;
  /** @default - CodeBuild reports no message */
  readonly message?: string;
}

/** A build, as CodeBuild describes it. */
export interface DescribedBuild {
  readonly id: string;
  readonly status: string;
  readonly digest?: string;
  readonly failedPhase?: FailedPhase;
  readonly logGroup?: string;
  readonly logStream?: string;
  /** The log in the console. */
  readonly logLink?: string;
  /** The hash of the custom resource that started it. */
  readonly resourceHash?: string;
  /** The hash of the event that started it. */
  readonly requestHash?: string;
  readonly platform?: string;
}

/** The builds of one event. */
export class CodeBuild {
  private readonly api: AwsApi<'BatchGetBuilds' | 'ListBuildsForProject' | 'StartBuild' | 'StopBuild'>;
  private readonly resourceHash: string;
  private readonly requestHash: string;

  private readonly projects: readonly string[];

  constructor({ builds }: Pick<BuildRequest, 'builds'>, event: CustomResourceEvent, dependencies: AwsDependencies, limits: WorkLimits) {
    this.projects = [...new Set(builds.map(({ project }) => project))];
    this.api = new AwsApi(regionalService(CODE_BUILD, dependencies), dependencies, limits);
    this.resourceHash = resourceHash(event);
    this.requestHash = hash(`${this.resourceHash}|${event.RequestId}`).slice(0, 32);
  }

  /** Stops the builds of earlier requests of this resource. Returns the builds that an earlier delivery of this request has started. */
  public async stopSuperseded(): Promise<DescribedBuild[]> {
    const newest = (await Promise.all(this.projects.map(async project => this.newestOf(project)))).flat();
    const own = newest.filter(build => build.resourceHash === this.resourceHash);
    await this.stop(own.filter(build => build.requestHash !== this.requestHash && build.status === 'IN_PROGRESS').map(({ id }) => id));
    return own.filter(build => build.requestHash === this.requestHash);
  }

  /** Starts a build. Returns its ID, or the reason why it cannot start now. */
  public async start(build: PlatformBuild, request: BuildRequest, attempt: number): Promise<{ readonly id: string } | { readonly reason: string }> {
    try {
      const { build: started } = await this.api.call('StartBuild', this.startBuildInput(build, request, attempt));
      const id = records([started])[0]?.id;
      if (typeof id === 'string') return { id };
      throw new Error('CodeBuild started a build without an ID');
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error;
      if (error.type === 'AccountLimitExceededException') {
        return { reason: `the quota for concurrent builds of the account is used up (${error.detail ?? error.type}); request a higher one in Service Quotas, or deploy later` };
      }
      if (ROLE_NOT_PROPAGATED.test(error.detail ?? '')) return { reason: `CodeBuild cannot assume the role of the project yet: ${error.detail}` };
      throw error;
    }
  }

  /** The builds of this request. Builds of other requests are left out. `undefined` if CodeBuild is temporarily unavailable. */
  public async describe(ids: readonly string[]): Promise<DescribedBuild[] | undefined> {
    try {
      return (await this.describeAll(ids)).filter(build => build.requestHash === this.requestHash);
    } catch (error) {
      if (error instanceof AwsCallError && error.isTemporary) return undefined;
      throw error;
    }
  }

  /** Stops builds. Errors are ignored, because a build that cannot be stopped ends at its timeout. */
  public async stop(ids: readonly string[]): Promise<void> {
    await Promise.allSettled(ids.map(async id => this.api.call('StopBuild', { id })));
  }

  private async newestOf(projectName: string): Promise<DescribedBuild[]> {
    const { ids } = await this.api.call('ListBuildsForProject', { projectName, sortOrder: 'DESCENDING' });
    return this.describeAll(texts(ids).slice(0, MAX_DESCRIBED));
  }

  private async describeAll(ids: readonly string[]): Promise<DescribedBuild[]> {
    if (ids.length === 0) return [];
    return records((await this.api.call('BatchGetBuilds', { ids })).builds).flatMap(describedBuild);
  }

  private startBuildInput({ project, platform, arguments: platformArguments }: PlatformBuild, request: BuildRequest, attempt: number): object {
    const [sourceTypeOverride, sourceLocationOverride] = ['S3', request.source];
    const args = ['--platform', platform, ...request.attestations, ...platformArguments, ...request.secrets.flatMap(secretArgument), ...request.arguments];
    return {
      projectName: project, sourceTypeOverride, sourceLocationOverride,
      environmentVariablesOverride: [
        plain(BUILD_VARIABLES.arguments, Buffer.from(JSON.stringify(args)).toString('base64')),
        plain(BUILD_VARIABLES.output, request.outputOptions),
        plain(BUILD_VARIABLES.resource, this.resourceHash),
        plain(BUILD_VARIABLES.request, this.requestHash),
        plain(BUILD_VARIABLES.platform, platform),
        ...request.secrets.map(({ arn }, position) => ({ name: secretName(position), value: arn, type: 'SECRETS_MANAGER' })),
      ],
      // CodeBuild starts one build per token within five minutes.
      idempotencyToken: hash(`${this.requestHash}|${platform}|${attempt}`),
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

/** A build in a response. Empty if it has no ID. */
function describedBuild(build: Readonly<Record<string, unknown>>): DescribedBuild[] {
  const { id, buildStatus, exportedEnvironmentVariables, phases, logs, environment } = build;
  if (typeof id !== 'string') return [];
  const [log = {}] = records([logs]);
  const [{ environmentVariables } = {} as Readonly<Record<string, unknown>>] = records([environment]);
  const value = (variables: unknown, wanted: string) => externalText(records(variables).find(({ name }) => name === wanted)?.value);
  return [{
    id,
    status: externalText(buildStatus) ?? 'UNKNOWN',
    digest: value(exportedEnvironmentVariables, BUILD_VARIABLES.digest),
    failedPhase: failedPhase(phases),
    logGroup: externalText(log.groupName),
    logStream: externalText(log.streamName),
    logLink: externalText(log.deepLink),
    resourceHash: value(environmentVariables, BUILD_VARIABLES.resource),
    requestHash: value(environmentVariables, BUILD_VARIABLES.request),
    platform: value(environmentVariables, BUILD_VARIABLES.platform),
  }];
}

/** The first phase that failed. CodeBuild still runs later phases, such as POST_BUILD. */
function failedPhase(phases: unknown): FailedPhase | undefined {
  const failed = records(phases).find(({ phaseStatus }) => typeof phaseStatus === 'string' && !['SUCCEEDED', 'IN_PROGRESS'].includes(phaseStatus));
  if (failed === undefined) return undefined;
  const messages = records(failed.contexts).map(({ message }) => externalText(message)).filter(message => message !== undefined);
  return { name: externalText(failed.phaseType) ?? 'unknown', status: String(failed.phaseStatus), message: messages[0] };
}
