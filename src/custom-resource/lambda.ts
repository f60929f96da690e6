import { AwsSeams, callAws, errorType, partitionOf } from './aws';
import { CustomResourceEvent, Seams } from './protocol';
import { send } from './small-request';
import { systemClock } from '../engine/clock';

/** The environment of a function in Lambda. Each handler passes its own, because only handlers may write to the console. */
export interface LambdaOptions {
  readonly environment: AwsSeams['environment'];
  readonly log: (line: string) => void;
}

/** The real clock and network for a function in Lambda. */
export function lambdaSeams({ environment, log }: LambdaOptions): Seams & AwsSeams {
  return { clock: systemClock, send, environment, log };
}

/** The same for a function that may invoke itself to continue its work. */
export function continuingSeams(options: LambdaOptions): Seams & AwsSeams {
  const seams = lambdaSeams(options);
  return { ...seams, invokeAgain: async event => invokeAgain(event, seams) };
}

/**
 * Invokes this function with an event again.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function invokeAgain(event: CustomResourceEvent, seams: AwsSeams): Promise<void> {
  const { AWS_REGION: region = '', AWS_LAMBDA_FUNCTION_NAME: name = '' } = seams.environment;
  const response = await callAws({
    service: 'lambda',
    region,
    host: `lambda.${region}.${partitionOf(region).services}`,
    path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
    headers: { 'X-Amz-Invocation-Type': 'Event' },
    body: event,
  }, seams).catch(() => {
    // The error may quote the event, which contains the address for the response.
    throw new Error('Lambda could not be reached');
  });
  if (response.status !== 202) throw new Error(`Lambda answered ${[response.status, errorType(response.body)].filter(Boolean).join(' ')}`);
}
