import { AwsApi, partitionOf, AwsSeams } from '../../custom-resource/aws';
import { WorkLimits } from '../../custom-resource/protocol';

/** What of ECS a run needs. */
export type TaskApi = AwsApi<'DescribeTasks' | 'ListTasks' | 'RunTask' | 'StopTask'>;
/** What of CloudWatch Logs a run needs. */
export type LogApi = AwsApi<'GetLogEvents'>;

const ECS = { service: 'ecs', title: 'ECS', target: 'AmazonEC2ContainerServiceV20141113' };
const LOGS = { service: 'logs', title: 'CloudWatch Logs', target: 'Logs_20140328' };
// A page of a log is 1 MB, as a text in JSON more.
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** ECS in the region of the function. */
export function taskApi(seams: AwsSeams, limits: WorkLimits): TaskApi {
  return new AwsApi(here(ECS, seams), seams, limits);
}

/** CloudWatch Logs in the region of the function. */
export function logApi(seams: AwsSeams, limits: WorkLimits): LogApi {
  return new AwsApi(here(LOGS, seams), seams, limits);
}

function here(api: typeof ECS, { environment: { AWS_REGION: region = '' } }: AwsSeams) {
  return { ...api, region, host: `${api.service}.${region}.${partitionOf(region).services}`, maxAnswerBytes: MAX_ANSWER_BYTES };
}
