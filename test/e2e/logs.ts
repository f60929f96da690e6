import { askAws } from './aws';
import { LocalCloud } from '../../local/cloud';

/** The lines of every stream of a log group, stream by stream. */
export async function logsOf(cloud: LocalCloud, logGroupName: string): Promise<string[][]> {
  const ask = async <Answer>(operation: string, body: object) => askAws<Answer>(cloud, 'logs', `Logs_20140328.${operation}`, { logGroupName, ...body });
  const { logStreams } = await ask<{ readonly logStreams: { readonly logStreamName: string }[] }>('DescribeLogStreams', {});
  return Promise.all(logStreams.map(async ({ logStreamName }) => {
    const { events } = await ask<{ readonly events: { readonly message: string }[] }>('GetLogEvents', { logStreamName, startFromHead: true });
    return events.map(({ message }) => message);
  }));
}
