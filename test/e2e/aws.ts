import { LocalCloud, REGION } from '../../local/cloud';
import { callAws } from '../../src/custom-resource/aws';
import { send } from '../../src/custom-resource/small-request';
import { systemClock } from '../../src/engine/clock';

/** A build of CodeBuild, as BatchGetBuilds describes it. */
export interface Build {
  readonly id: string;
  readonly buildStatus: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly environment: { readonly type: string };
  readonly logs: { readonly groupName: string; readonly streamName: string };
  readonly phases: readonly { readonly phaseType: string; readonly phaseStatus?: string; readonly durationInSeconds?: number }[];
}

/** Calls a service of the local cloud that uses JSON. `target` is like `CodeBuild_20161006.StartBuild`. */
export async function askAws<Answer>(cloud: LocalCloud, service: string, target: string, body: object): Promise<Answer> {
  const call = { service, region: REGION, host: service, headers: { 'X-Amz-Target': target }, body };
  const answer = await callAws(call, { environment: cloud.env, clock: systemClock, send });
  if (answer.status !== 200) throw new Error(`${target}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body) as Answer;
}

/** All builds, the oldest first. */
export async function buildsOf(cloud: LocalCloud): Promise<Build[]> {
  const ask = async <Answer>(operation: string, body: object) => askAws<Answer>(cloud, 'codebuild', `CodeBuild_20161006.${operation}`, body);
  const { ids } = await ask<{ readonly ids: string[] }>('ListBuilds', { sortOrder: 'ASCENDING' });
  if (ids.length === 0) return [];
  return (await ask<{ readonly builds: Build[] }>('BatchGetBuilds', { ids })).builds.sort((one, other) => one.startTime - other.startTime);
}

/** The log of a build. */
export async function logOf(cloud: LocalCloud, { logs: { groupName: logGroupName, streamName: logStreamName } }: Build): Promise<string> {
  const asked = { logGroupName, logStreamName, startFromHead: true };
  const { events } = await askAws<{ readonly events: { readonly message: string }[] }>(cloud, 'logs', 'Logs_20140328.GetLogEvents', asked);
  return events.map(({ message }) => message).join('');
}
