import { CodeBuild, DescribedBuild } from './code-build';
import { BuildRequest, PlatformBuild, decodeBuild, requestToTag } from './decode-build';
import { failureOf, isRetried } from './failure';
import { Copier, physicalIdOf, published } from '../../copy/handler/copy-work';
import { explainCopy } from '../../copy/handler/fixes';
import { AwsDependencies } from '../../custom-resource/aws';
import { LONG_REASON_BYTES } from '../../custom-resource/log-lines';
import {
  CustomResourceEvent, InvocationContext, Outcome, ProtocolDependencies, ResourceWork, Unfinished, Work, WorkLimits, serveCustomResource,
} from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';
import { pause } from '../../engine/clock';
import { CopyError } from '../../engine/errors';
import { parseObject } from '../../engine/json';

// CloudFormation waits for one hour. The remaining three minutes are for stopping the builds, tagging the image and responding.
const BUILDS_MILLISECONDS = 57 * 60_000;
const PAUSE_MILLISECONDS = 5_000;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The work for Create and Update: builds the image unless it exists, and returns its digest and live tag. */
export function buildWork(dependencies: AwsDependencies, copy: Copier): Work {
  return async (event, limits) => {
    const started = dependencies.clock.now();
    const request = decodeBuild(event.ResourceProperties ?? {});
    const codeBuild = new CodeBuild(request, event, dependencies, limits);
    const tag = async (digests?: readonly string[]) => {
      const copyRequest = requestToTag(request, digests);
      return published(copyRequest, await copy(copyRequest, limits), dependencies.clock.now() - started);
    };
    let builds = startedBuilds(event);
    if (builds === undefined) {
      const running = await codeBuild.stopSuperseded().catch(() => []);
      try {
        return await tag();
      } catch (error) {
        if (!isMissing(error)) return { status: 'FAILED', reason: explainCopy(error) };
      }
      if (await isRolledBack(event.StackId, dependencies)) return missingInRollback(request);
      builds = newestBuilds(running);
    }
    const until = (event.Continuation?.Since ?? started) + BUILDS_MILLISECONDS;
    const result = await new BuildRun(request, codeBuild, builds, { dependencies, limits, until }).run();
    if (!Array.isArray(result)) return result;
    // Another resource may have failed during the build. In a rollback, tags must not move.
    if (await isRolledBack(event.StackId, dependencies)) return { status: 'FAILED', reason: 'CloudFormation rolls back, so the image that was built gets no tags' };
    return tag(result).catch((error: unknown): Outcome => ({ status: 'FAILED', reason: explainCopy(error) }));
  };
}

/** The work for Delete: images are kept, and running builds are stopped. */
export function removeWork(dependencies: AwsDependencies): Work {
  return async (event, limits) => {
    try {
      const codeBuild = new CodeBuild(decodeBuild(event.ResourceProperties ?? {}), event, dependencies, limits);
      await codeBuild.stopSuperseded();
    } catch {
      // The projects may already be deleted.
    }
    return { status: 'SUCCESS', summary: 'images are kept, and no build runs' };
  };
}

/** Serves `Custom::ContainerImageBuild`. */
export async function serveImageBuild(
  event: CustomResourceEvent, context: InvocationContext, { work, remove }: ResourceWork, dependencies: ProtocolDependencies,
): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the build', timeoutFix: 'a larger computeType or a cache would help', reasonBytes: LONG_REASON_BYTES, physicalId: physicalIdOf, work, remove,
  }, dependencies);
}

function missingInRollback({ destination: { repository }, sourceTag }: BuildRequest): Outcome {
  return {
    status: 'FAILED',
    reason: `the repository ${repository} no longer has the image with the tag ${sourceTag}, and a rollback never builds: continue the rollback without this resource, then deploy again`,
  };
}

/** Whether an error means that the repository exists but has no image of these inputs. */
function isMissing(error: unknown): boolean {
  return error instanceof CopyError && error.side === 'source' && error.status === 404 && error.code !== 'NAME_UNKNOWN';
}

/** A started build, and the number of the attempt. */
interface StartedBuild {
  readonly id: string;
  readonly attempt: number;
}

/** The started builds by platform. */
type StartedBuilds = Map<string, StartedBuild>;

/** The builds that an earlier invocation has started, by platform. */
function startedBuilds({ Continuation: { Memo } = { Hop: 0 } }: CustomResourceEvent): StartedBuilds | undefined {
  if (Memo === undefined) return undefined;
  const entries = Object.entries(parseObject(Buffer.from(Memo), 'the memo'));
  return new Map(entries.map(([platform, text]) => {
    const [attempt, id] = String(text).split(' ');
    return [platform, { id, attempt: Number(attempt) }];
  }));
}

function formatMemo(builds: StartedBuilds): string {
  return JSON.stringify(Object.fromEntries([...builds].map(([platform, { id, attempt }]) => [platform, `${attempt} ${id}`])));
}

/** The newest build of each platform. CodeBuild lists the newest first. */
function newestBuilds(builds: readonly DescribedBuild[]): StartedBuilds {
  return new Map([...builds].reverse().flatMap(({ id, platform }) => platform === undefined ? [] : [[platform, { id, attempt: 1 }]]));
}

interface BuildRunOptions {
  readonly dependencies: AwsDependencies;
  readonly limits: WorkLimits;
  /** The time at which the builds are stopped. */
  readonly until: number;
}

/** All builds of one image. */
class BuildRun {
  /** The reason why a build could not start yet. */
  private startObstacle = '';
  /** The number of attempts so far, by platform, for builds that have to be started again. */
  private readonly attempts = new Map<string, number>();

  constructor(
    private readonly request: BuildRequest, private readonly codeBuild: CodeBuild,
    private readonly started: StartedBuilds, private readonly options: BuildRunOptions,
  ) {}

  /** Starts the builds and waits until they end. Returns the digests in the order of the platforms, or the outcome if there are none. */
  public async run(): Promise<string[] | Outcome | Unfinished> {
    const { request: { builds }, started, options: { dependencies: { clock }, limits: { deadline, signal }, until } } = this;
    for (;;) {
      await this.startMissing();
      const described = await this.codeBuild.describe([...started.values()].map(({ id }) => id));
      const failure = described && await this.handleFailures(described);
      if (failure !== undefined) return failure;
      const digests = builds.map(({ platform }) => digestOf(described, started.get(platform)?.id));
      if (digests.every(digest => digest !== undefined)) return digests;
      if (clock.now() >= until) return this.timedOut();
      if (!await pause(PAUSE_MILLISECONDS * (0.5 + clock.random()), { clock, deadline, signal })) {
        return { status: 'UNFINISHED', memo: formatMemo(started), reason: `the builds still run: ${[...started.values()].map(({ id }) => id).join(', ')}` };
      }
    }
  }

  /** Starts the builds that do not run yet. If one is refused, all others are stopped. */
  private async startMissing(): Promise<void> {
    const missing = this.request.builds.filter(({ platform }) => !this.started.has(platform));
    const results = await Promise.allSettled(missing.map(async build => this.start(build)));
    const refused = results.find(({ status }) => status === 'rejected');
    if (refused === undefined) return;
    await this.stop();
    throw (refused as PromiseRejectedResult).reason;
  }

  private async start(build: PlatformBuild): Promise<void> {
    // Each attempt has its own token. For an earlier token, CodeBuild would return the build that failed.
    const attempt = (this.attempts.get(build.platform) ?? 0) + 1;
    const result = await this.codeBuild.start(build, this.request, attempt);
    if ('id' in result) {
      this.started.set(build.platform, { id: result.id, attempt });
    } else {
      this.startObstacle = result.reason;
    }
  }

  /** Lets failed builds start again. If one may not start again, stops all others and returns the failure. */
  private async handleFailures(described: readonly DescribedBuild[]): Promise<Outcome | undefined> {
    const { started, options: { dependencies, limits } } = this;
    for (const { platform } of this.request.builds) {
      const build = started.get(platform);
      const failed = described.find(each => each.id === build?.id && hasFailed(each));
      if (build === undefined || failed === undefined) continue;
      started.delete(platform);
      if (isRetried(failed, build.attempt)) {
        this.attempts.set(platform, build.attempt);
        continue;
      }
      await this.stop();
      return { status: 'FAILED', reason: await failureOf(platform, failed, dependencies, limits) };
    }
    return undefined;
  }

  private async timedOut(): Promise<Outcome> {
    await this.stop();
    const waiting = this.request.builds.filter(({ platform }) => !this.started.has(platform)).map(({ platform }) => platform);
    return {
      status: 'FAILED',
      reason: waiting.length > 0
        ? `the build for ${waiting.join(', ')} could not start: ${this.startObstacle}`
        : 'the builds did not end before CloudFormation stops waiting, and were stopped; use a larger computeType, a cache, or fewer steps',
    };
  }

  private async stop(): Promise<void> {
    await this.codeBuild.stop([...this.started.values()].map(({ id }) => id));
  }
}

function hasFailed({ status, digest = '' }: DescribedBuild): boolean {
  return status !== 'IN_PROGRESS' && !(status === 'SUCCEEDED' && DIGEST.test(digest));
}

function digestOf(described: readonly DescribedBuild[] | undefined, buildId?: string): string | undefined {
  const { status, digest } = described?.find(({ id }) => id === buildId) ?? {};
  return status === 'SUCCEEDED' ? digest : undefined;
}
