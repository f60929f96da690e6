import { DescribedBuild } from './code-build';
import { AwsDependencies } from '../../custom-resource/aws';
import { ReadLog, lastLogLines, logApi, withLog } from '../../custom-resource/log-lines';
import { WorkLimits } from '../../custom-resource/protocol';
import { messageOf } from '../../custom-resource/text';

const MAX_ATTEMPTS = 3;
const READ_LINES = 100;
const REPORTED_LINES = 20;
const EARLY_PHASES = ['SUBMITTED', 'QUEUED', 'PROVISIONING', 'DOWNLOAD_SOURCE'];
const DENIED = /access ?denied|not authorized|is not allowed/i;
// The line in which BuildKit names the failed step.
const FAILED_STEP = /^> \[[^\]]+\] .+:$/;
// A line that CodeBuild itself writes.
const CODE_BUILD_LINE = /^\[Container\] \d{4}\//;

/** Known causes in the log or in the message of CodeBuild. The first match counts. */
const FIXES: readonly { readonly cause: RegExp; readonly fix: string }[] = [
  { cause: /toomanyrequests|429 Too Many Requests|pull rate limit/i, fix: 'the registry limits anonymous pulls: give registryCredentials for docker.io, or use a pull-through cache, also for buildkitImage' },
  { cause: /no space left on device/i, fix: 'use a larger computeType, which has more disk space' },
  { cause: /exit code: 137|signal: killed|cannot allocate memory/i, fix: 'it probably ran out of memory: use a larger computeType' },
  { cause: /exec format error/i, fix: 'a program of another CPU architecture was run: check the platform of the base images' },
  { cause: /pull access denied|authorization failed|insufficient_scope|401 Unauthorized/i, fix: 'give registryCredentials for the registry of the base image, and check the name of the image' },
  { cause: /Cannot connect to the Docker daemon/i, fix: 'the build image has no Docker daemon: privileged mode must stay on' },
  { cause: /dial tcp .*(i\/o timeout|no such host)|could not resolve host|TLS handshake timeout/i, fix: 'the build has no route to this host: in a VPC, use subnets with a NAT gateway or VPC endpoints' },
  { cause: /immutable|tag .*already exists/i, fix: 'the tag of the cache must be able to move: imageTagMutability: ImageTagMutability.immutableExcept(\'cache-*\')' },
];

/** How a build ended, for messages. Other statuses are plain failures. */
const ENDS_BY_STATUS: Readonly<Record<string, string>> = {
  SUCCEEDED: 'succeeded, but exported no digest: do not change the buildspec of the project',
  TIMED_OUT: 'took longer than its timeout: raise timeout (at most 55 minutes), use a larger computeType, or a cache',
  STOPPED: 'was stopped before it ended',
  FAULT: 'failed inside of CodeBuild: deploy again',
};

/** Whether a failed build is started again: CodeBuild itself failed, or a permission that this deployment has just added had not taken effect yet. */
export function isRetried({ status, failedPhase }: DescribedBuild, attempt: number): boolean {
  if (attempt >= MAX_ATTEMPTS) return false;
  const isEarly = failedPhase !== undefined && EARLY_PHASES.includes(failedPhase.name);
  return status === 'FAULT' || (status === 'FAILED' && isEarly && DENIED.test(failedPhase.message ?? ''));
}

/** The reason why a build failed, with the failed step, a fix if one is known, and the last log lines. */
export async function failureOf(platform: string, build: DescribedBuild, dependencies: AwsDependencies, limits: WorkLimits): Promise<string> {
  const log = await readLog(build, dependencies, limits);
  const lines = typeof log === 'string' ? [] : log?.lines ?? [];
  const all = [build.failedPhase?.message ?? '', ...lines].join('\n');
  const fix = FIXES.find(({ cause }) => cause.test(all))?.fix;
  const end = Object.hasOwn(ENDS_BY_STATUS, build.status) ? ENDS_BY_STATUS[build.status] : 'failed';
  const parts = [`the build for ${platform} ${end}`, failedStep(build, lines), fix, ...typeof log === 'string' ? [log] : []];
  return withLog(parts.filter(Boolean).join('; '), typeof log === 'string' ? undefined : log && { ...log, lines: lines.slice(-REPORTED_LINES) });
}

/** The step of the Dockerfile, or else the phase of CodeBuild. */
function failedStep({ failedPhase }: DescribedBuild, lines: readonly string[]): string | undefined {
  const step = lines.filter(line => FAILED_STEP.test(line)).pop();
  if (step !== undefined) return `its failed step is ${step.slice(2, -1)}`;
  if (failedPhase === undefined) return undefined;
  const { name, message } = failedPhase;
  return `its failed phase is ${name}${message === undefined ? '' : `: ${message}`}`;
}

/** The log without the lines of CodeBuild, or the reason why it could not be read. */
async function readLog(build: DescribedBuild, dependencies: AwsDependencies, limits: WorkLimits): Promise<ReadLog | string | undefined> {
  const { logGroup, logStream, logLink } = build;
  if (logGroup === undefined || logStream === undefined) return undefined;
  const where = logLink ?? `${logGroup}, ${logStream}`;
  try {
    const api = logApi(dependencies, limits);
    const lines = await lastLogLines({ api, clock: dependencies.clock, limits, group: logGroup, stream: logStream, lines: READ_LINES });
    return { where, lines: lines.filter(line => !CODE_BUILD_LINE.test(line)) };
  } catch (error) {
    return `its log (${where}) could not be read: ${messageOf(error)}`;
  }
}
