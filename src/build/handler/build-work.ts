import { CodeBuild, SeenBuild } from './code-build';
import { BuildOrder, PlatformBuild, decodeBuild, tagOrder } from './decode-build';
import { failureOf, isStartedAgain } from './failure';
import { Copier, physicalIdOf, published } from '../../copy/handler/copy-work';
import { explain } from '../../copy/handler/fixes';
import { AwsSeams } from '../../custom-resource/aws';
import { REASON_BYTES } from '../../custom-resource/log-lines';
import { CustomResourceEvent, InvocationContext, Outcome, Seams, Unfinished, Work, WorkLimits, serveCustomResource } from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';
import { Clock, pause } from '../../engine/clock';
import { CopyError } from '../../engine/errors';
import { parseObject } from '../../engine/json';

// CloudFormation waits for one hour. The remaining three minutes are for stopping the builds, tagging the image and responding.
const BUILDS_MILLISECONDS = 57 * 60_000;
const PAUSE_MILLISECONDS = 5_000;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The work for Create and Update: builds the image unless it exists, and returns its digest and live tag. */
export function buildWork(seams: AwsSeams, copy: Copier): Work {
  return async (event, limits) => {
    const started = seams.clock.now();
    const order = decodeBuild(event.ResourceProperties ?? {});
    const codeBuild = new CodeBuild(order, event, seams, limits);
    const tag = async (digests?: readonly string[]) => {
      const asked = tagOrder(order, digests);
      return published(asked, await copy(asked, limits), seams.clock.now() - started);
    };
    let known = memoOf(event);
    if (known === undefined) {
      const running = await codeBuild.takeOver().catch(() => []);
      try {
        return await tag();
      } catch (error) {
        if (!isMissing(error)) return { status: 'FAILED', reason: explain(error) };
      }
      if (await isRolledBack(event.StackId, seams)) return neverInRollback(order);
      known = runsOf(running);
    }
    const until = (event.Continuation?.Since ?? started) + BUILDS_MILLISECONDS;
    const done = await new BuildRun(order, codeBuild, known, { seams, limits, until }).toItsEnd();
    if (!Array.isArray(done)) return done;
    // Another resource may have failed during the build. In a rollback, tags must not move.
    if (await isRolledBack(event.StackId, seams)) return { status: 'FAILED', reason: 'CloudFormation rolls back, so the image that was built gets no tags' };
    return tag(done).catch((error: unknown): Outcome => ({ status: 'FAILED', reason: explain(error) }));
  };
}

/** The work for Delete: images are kept, and running builds are stopped. */
export function removeWork(seams: AwsSeams): Work {
  return async (event, limits) => {
    try {
      const codeBuild = new CodeBuild(decodeBuild(event.ResourceProperties ?? {}), event, seams, limits);
      await codeBuild.takeOver();
    } catch {
      // The projects may already be deleted.
    }
    return { status: 'SUCCESS', summary: 'images are kept, and no build runs' };
  };
}

/** Serves `Custom::ContainerImageBuild`. */
export async function serveImageBuild(
  event: CustomResourceEvent, context: InvocationContext, { work, remove }: { readonly work: Work; readonly remove: Work }, seams: Seams,
): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the build', tooLong: 'a larger computeType or a cache would help', reasonBytes: REASON_BYTES, physicalId: physicalIdOf, work, remove,
  }, seams);
}

function neverInRollback({ destination: { repository }, sourceTag }: BuildOrder): Outcome {
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
interface Run {
  readonly id: string;
  readonly attempt: number;
}

type Runs = Map<string, Run>;

/** The builds that an earlier invocation has started, by platform. */
function memoOf({ Continuation: { Memo } = { Hop: 0 } }: CustomResourceEvent): Runs | undefined {
  if (Memo === undefined) return undefined;
  const entries = Object.entries(parseObject(Buffer.from(Memo), 'the memo'));
  return new Map(entries.map(([platform, run]) => {
    const [attempt, id] = String(run).split(' ');
    return [platform, { id, attempt: Number(attempt) }];
  }));
}

function formatMemo(runs: Runs): string {
  return JSON.stringify(Object.fromEntries([...runs].map(([platform, { id, attempt }]) => [platform, `${attempt} ${id}`])));
}

/** The newest build of each platform. CodeBuild lists the newest first. */
function runsOf(builds: readonly SeenBuild[]): Runs {
  return new Map([...builds].reverse().flatMap(({ id, platform }) => platform === undefined ? [] : [[platform, { id, attempt: 1 }]]));
}

interface RunOptions {
  readonly seams: AwsSeams & { readonly clock: Clock };
  readonly limits: WorkLimits;
  /** The time at which the builds are stopped. */
  readonly until: number;
}

/** All builds of one image. */
class BuildRun {
  private waitsFor = '';
  /** The number of attempts so far, by platform, for builds that have to be started again. */
  private readonly attempts = new Map<string, number>();

  constructor(
    private readonly order: BuildOrder, private readonly codeBuild: CodeBuild, private readonly runs: Runs, private readonly options: RunOptions,
  ) {}

  /** Starts the builds and waits until they end. Returns the digests in the order of the platforms, or the outcome if there are none. */
  public async toItsEnd(): Promise<string[] | Outcome | Unfinished> {
    const { order: { builds }, runs, options: { seams: { clock }, limits: { deadline, signal }, until } } = this;
    for (;;) {
      await this.startMissing();
      const seen = await this.codeBuild.describe([...runs.values()].map(({ id }) => id));
      const failed = seen && await this.failed(seen);
      if (failed !== undefined) return failed;
      const digests = builds.map(({ platform }) => digestOf(seen, runs.get(platform)?.id));
      if (digests.every(digest => digest !== undefined)) return digests;
      if (clock.now() >= until) return this.late();
      if (!await pause(PAUSE_MILLISECONDS * (0.5 + clock.random()), { clock, deadline, signal })) {
        return { status: 'UNFINISHED', memo: formatMemo(runs), reason: `the builds still run: ${[...runs.values()].map(({ id }) => id).join(', ')}` };
      }
    }
  }

  /** Starts the builds that do not run yet. If one is refused, all others are stopped. */
  private async startMissing(): Promise<void> {
    const missing = this.order.builds.filter(({ platform }) => !this.runs.has(platform));
    const results = await Promise.allSettled(missing.map(async build => this.start(build)));
    const refused = results.find(({ status }) => status === 'rejected');
    if (refused === undefined) return;
    await this.stop();
    throw (refused as PromiseRejectedResult).reason;
  }

  private async start(build: PlatformBuild): Promise<void> {
    // Each attempt has its own token. For an earlier token, CodeBuild would return the build that failed.
    const attempt = (this.attempts.get(build.platform) ?? 0) + 1;
    const started = await this.codeBuild.start(build, this.order, attempt);
    if ('id' in started) {
      this.runs.set(build.platform, { id: started.id, attempt });
    } else {
      this.waitsFor = started.reason;
    }
  }

  /** The failure, if a build has failed and is not started again. */
  private async failed(seen: readonly SeenBuild[]): Promise<Outcome | undefined> {
    const { order: { builds }, runs, options: { seams, limits } } = this;
    for (const build of builds) {
      const run = runs.get(build.platform);
      const ended = seen.find(({ id, status, digest }) => id === run?.id && status !== 'IN_PROGRESS' && !(status === 'SUCCEEDED' && DIGEST.test(digest ?? '')));
      if (run === undefined || ended === undefined) continue;
      if (isStartedAgain(ended, run.attempt)) {
        runs.delete(build.platform);
        this.attempts.set(build.platform, run.attempt);
        continue;
      }
      runs.delete(build.platform);
      await this.stop();
      return { status: 'FAILED', reason: await failureOf(build.platform, ended, seams, limits) };
    }
    return undefined;
  }

  private async late(): Promise<Outcome> {
    await this.stop();
    const waiting = this.order.builds.filter(({ platform }) => !this.runs.has(platform)).map(({ platform }) => platform);
    return {
      status: 'FAILED',
      reason: waiting.length > 0
        ? `the build for ${waiting.join(', ')} could not start: ${this.waitsFor}`
        : 'the builds did not end before CloudFormation stops waiting, and were stopped; use a larger computeType, a cache, or fewer steps',
    };
  }

  private async stop(): Promise<void> {
    await this.codeBuild.stop([...this.runs.values()].map(({ id }) => id));
  }
}

function digestOf(seen: readonly SeenBuild[] | undefined, wanted?: string): string | undefined {
  const { status, digest } = seen?.find(({ id }) => id === wanted) ?? {};
  return status === 'SUCCEEDED' ? digest : undefined;
}
