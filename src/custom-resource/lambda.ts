import { AwsDependencies, callAws, errorType, partitionOf } from './aws';
import { CustomResourceEvent, ProtocolDependencies } from './protocol';
import { send } from './small-request';
import { systemClock } from '../engine/clock';
import { RetryReason, RetryableError } from '../engine/errors';
import { RetryPolicy, RetryRule, repeat } from '../engine/retry';

/** The environment of a function in Lambda. Each handler passes its own, because only handlers may write to the console. */
export interface LambdaOptions {
  readonly environment: AwsDependencies['environment'];
  readonly log: (line: string) => void;
}

/** What a function in Lambda needs from the outside, for the protocol and for AWS calls. */
export interface LambdaDependencies extends ProtocolDependencies, AwsDependencies {
  readonly environment: AwsDependencies['environment'];
}

/** The real clock and network for a function in Lambda. */
export function lambdaDependencies({ environment, log }: LambdaOptions): LambdaDependencies {
  return { clock: systemClock, send, environment, log };
}

/** The same for a function that may invoke itself to continue its work. */
export function selfInvokingDependencies(options: LambdaOptions): LambdaDependencies {
  const dependencies = lambdaDependencies(options);
  return { ...dependencies, invokeAgain: async (event, deadline) => invokeAgain(event, dependencies, deadline) };
}

const TIMEOUT_MILLISECONDS = 5_000;
const RULE: RetryRule = { milliseconds: 30_000, backoff: { first: 200, longest: 2_000, jitter: 0.5 } };
const RULES: RetryPolicy['rules'] = { busy: RULE, transient: RULE };

/**
 * Invokes this function with an event again. Temporary failures are retried, because the work so far would be lost. If only the response
 * is lost, two invocations continue, which do the same.
 *
 * @param deadline the time after which no further attempt begins.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function invokeAgain(event: CustomResourceEvent, dependencies: AwsDependencies, deadline = Infinity): Promise<void> {
  await repeat({ clock: dependencies.clock, rules: RULES, deadline }, async () => invokeOnce(event, dependencies));
}

async function invokeOnce(event: CustomResourceEvent, dependencies: AwsDependencies): Promise<void> {
  const { AWS_REGION: region = '', AWS_LAMBDA_FUNCTION_NAME: name = '' } = dependencies.environment;
  const response = await callAws({
    service: 'lambda',
    region,
    host: `lambda.${region}.${partitionOf(region).services}`,
    path: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
    headers: { 'X-Amz-Invocation-Type': 'Event' },
    body: event,
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  }, dependencies).catch(() => {
    // The error may quote the event, which contains the address for the response.
    throw new RetryableError('Lambda could not be reached', { retry: 'transient' });
  });
  const { status, body } = response;
  if (status !== 202) throw new RetryableError(`Lambda answered ${[status, errorType(body)].filter(Boolean).join(' ')}`, { retry: retryReasonOf(status) });
}

/** The reason to retry. Lambda returns 409 while the function is being updated. */
function retryReasonOf(status: number): RetryReason | undefined {
  if (status === 429) return 'busy';
  return status >= 500 || status === 409 ? 'transient' : undefined;
}
