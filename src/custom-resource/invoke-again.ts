import { partitionOf } from './aws-partition';
import { AwsSeams, callAws, errorType } from './aws-request';
import { CustomResourceEvent } from './event';

/**
 * Has an event served by a further invocation of this very function.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function invokeAgain(event: CustomResourceEvent, seams: AwsSeams): Promise<void> {
  const { AWS_REGION: region = '', AWS_LAMBDA_FUNCTION_NAME: name = '' } = seams.environment;
  const answer = await callAws({
    service: 'lambda',
    region,
    host: `lambda.${region}.${partitionOf(region).services}`,
    path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
    headers: { 'X-Amz-Invocation-Type': 'Event' },
    body: event,
  }, seams).catch(() => {
    // What failed may quote the event, and with it the address of the answer.
    throw new Error('Lambda could not be reached');
  });
  if (answer.status !== 202) throw new Error(`Lambda answered ${[answer.status, errorType(answer.body)].filter(Boolean).join(' ')}`);
}
