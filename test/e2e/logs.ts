import { LocalCloud, REGION } from '../../local/cloud';
import { callAws } from '../../src/custom-resource/aws';
import { send } from '../../src/custom-resource/small-request';
import { systemClock } from '../../src/engine/clock';

/** The lines of every stream of a log group, stream by stream. */
export async function logsOf(cloud: LocalCloud, logGroupName: string): Promise<string[][]> {
  const ask = async (operation: string, body: object) => {
    const call = { service: 'logs', region: REGION, host: 'logs', headers: { 'X-Amz-Target': `Logs_20140328.${operation}` }, body: { logGroupName, ...body } };
    const answer = await callAws(call, { environment: cloud.env, clock: systemClock, send });
    if (answer.status !== 200) throw new Error(`${operation}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body);
  };
  const { logStreams } = await ask('DescribeLogStreams', {}) as { readonly logStreams: { readonly logStreamName: string }[] };
  return Promise.all(logStreams.map(async ({ logStreamName }) => {
    const { events } = await ask('GetLogEvents', { logStreamName, startFromHead: true }) as { readonly events: { readonly message: string }[] };
    return events.map(({ message }) => message);
  }));
}
