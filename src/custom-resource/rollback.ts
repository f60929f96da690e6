import { partitionOf } from './aws-partition';
import { AwsSeams, callAws } from './aws-request';
import { backoff } from './backoff';

const TRIES = 5;
const WAITS = { first: 250, longest: 5_000 };
const MAX_LEVELS = 20;
// Parameters and outputs of the stack are in the answer, too.
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** What is added where nobody knows. */
export const UNSURE = 'CloudFormation did not say whether it rolls back: allow cloudformation:DescribeStacks to the role of the function';

/**
 * Whether a stack, or one around it, is being rolled back; `undefined` when CloudFormation does not say.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export async function isRolledBack(stackId: string, seams: AwsSeams): Promise<boolean | undefined> {
  let next: string | undefined = stackId;
  for (let level = 0; next !== undefined && level < MAX_LEVELS; level++) {
    const stack = await describe(next, seams);
    // Of the stack around a nested one nobody may know; then the own status is what counts.
    if (stack === undefined) return level > 0 ? false : undefined;
    if (/ROLLBACK_IN_PROGRESS$/.test(stack.status)) return true;
    next = stack.parent;
  }
  return false;
}

interface DescribedStack {
  readonly status: string;
  readonly parent?: string;
}

async function describe(stackId: string, seams: AwsSeams): Promise<DescribedStack | undefined> {
  // It becomes a part of the host, so it must not choose another one.
  const region = /^[a-z0-9-]+$/.exec(stackId.split(':')[3] ?? '')?.[0] ?? '';
  for (let tries = 1; ; tries++) {
    const answer = await callAws({
      service: 'cloudformation',
      region,
      host: `cloudformation.${region}.${partitionOf(region).services}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: new URLSearchParams({ Action: 'DescribeStacks', Version: '2010-05-15', StackName: stackId }).toString(),
      maxAnswerBytes: MAX_ANSWER_BYTES,
    }, seams).catch(() => undefined);
    const status = answer?.status === 200 ? tag(answer.body, 'StackStatus') : undefined;
    if (answer !== undefined && status !== undefined) return { status, parent: tag(answer.body, 'ParentId') };
    if (tries === TRIES) return undefined;
    await seams.clock.sleep(backoff(tries, seams.clock, WAITS));
  }
}

/** What is between two tags: texts of the user are escaped, so they cannot contain any. */
function tag(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
}
