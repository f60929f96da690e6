import { AwsDependencies, callAws, partitionOf } from './aws';
import { PERMISSION_PROPAGATION, RetryPolicy, repeat } from '../engine/retry';

const RULES: RetryPolicy['rules'] = { permission: PERMISSION_PROPAGATION, transient: { repeats: 4, backoff: { first: 500, longest: 5_000, jitter: 0.5 } } };
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
// In the cleanup after a rollback, CloudFormation deletes the resources that the failed update created.
const ROLLBACK_STATUSES = /^(?:(?:UPDATE_|IMPORT_)?ROLLBACK_IN_PROGRESS|UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS)$/;
const KNOWN_STATUSES = /^(?:REVIEW_IN_PROGRESS|(?:CREATE|DELETE|IMPORT|UPDATE|ROLLBACK|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_(?:COMPLETE|COMPLETE_CLEANUP_IN_PROGRESS|FAILED|IN_PROGRESS))$/;
const MAX_NESTED_STACKS = 20;
// The response includes parameters and outputs of the stack.
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;

/** The sentence that is added to a failure if it is unknown whether CloudFormation rolls back. */
export const ROLLBACK_UNKNOWN = 'CloudFormation did not report whether it rolls back: allow cloudformation:DescribeStacks to the role of the function';

/**
 * Whether a stack or one of its parents is being rolled back. `undefined` if it cannot be determined.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export async function isRolledBack(stackId: string, dependencies: AwsDependencies): Promise<boolean | undefined> {
  let next: string | undefined = stackId;
  for (let level = 0; next !== undefined && level < MAX_NESTED_STACKS; level++) {
    const stack = await describe(next, dependencies);
    // The function may lack permission to describe a parent stack. Then only its own stack counts.
    if (stack === undefined) return level > 0 ? false : undefined;
    if (ROLLBACK_STATUSES.test(stack.status)) return true;
    // A new status may mean anything.
    if (!KNOWN_STATUSES.test(stack.status)) return undefined;
    next = stack.parent;
  }
  return false;
}

/** The permission is missing or has not taken effect yet. */
class Denied extends Error {}

interface DescribedStack {
  readonly status: string;
  readonly parent?: string;
}

async function describe(stackId: string, dependencies: AwsDependencies): Promise<DescribedStack | undefined> {
  // The region is part of the host, so the stack ID must not contain another host.
  const region = /^[a-z0-9-]+$/.exec(stackId.split(':')[3] ?? '')?.[0] ?? '';
  const host = `cloudformation.${region}.${partitionOf(region).services}`;
  try {
    return await repeat({ clock: dependencies.clock, rules: RULES, reasonOf: error => error instanceof Denied ? 'permission' : 'transient' }, async () => {
      const { status: code, body } = await callAws({
        service: 'cloudformation',
        region,
        host,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: new URLSearchParams({ Action: 'DescribeStacks', Version: '2010-05-15', StackName: stackId }).toString(),
        maxResponseBytes: MAX_RESPONSE_BYTES,
      }, dependencies);
      if (code === 403) throw new Denied('CloudFormation answered 403');
      const status = code === 200 ? elementIn(body, 'StackStatus') : undefined;
      if (status === undefined) throw new Error(`CloudFormation answered ${code}`);
      return { status, parent: elementIn(body, 'ParentId') };
    });
  } catch {
    return undefined;
  }
}

/**
 * The text of an XML element. Texts of users are escaped, so they cannot contain elements.
 *
 * The response is not parsed as in `QueryApi`, because it can have 8 MiB and only two short texts are needed.
 */
function elementIn(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
}
