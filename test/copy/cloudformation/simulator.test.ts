import { CustomResourceEvent } from '../../../src/custom-resource/protocol';
import { Stack, StackOptions } from '../../helpers/cloudformation';
import { AnswerBox } from '../../helpers/cloudformation-answers';
import { AsyncInvocation } from '../../helpers/cloudformation-lambda';

let answers: AnswerBox;
let seen: CustomResourceEvent[];
beforeEach(async () => {
  answers = await AnswerBox.start();
  seen = [];
});
afterEach(async () => answers.stop());

type Reply = Readonly<Record<string, unknown>> | string | undefined;

/** A stack whose function responds like this; `undefined` is no response and an error. */
function stackOf(reply: (event: CustomResourceEvent) => Reply, options?: StackOptions): Stack {
  const lambda = new AsyncInvocation(async event => {
    seen.push(event);
    const { StackId, RequestId, LogicalResourceId } = event;
    const said = reply(event);
    if (said === undefined) throw new Error('the function failed');
    const body = typeof said === 'string' ? said : JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'id', StackId, RequestId, LogicalResourceId, ...said });
    await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(body) });
  });
  return new Stack(lambda.invoke, answers, options);
}

const types = () => seen.map(({ RequestType }) => RequestType);

// The assumptions of the other tests in this folder, with their sources in the documentation or in issues.
describe('the CloudFormation simulator', () => {
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-create.html
  test('sends properties in which every scalar is a string', async () => {
    await stackOf(() => ({})).deploy({ count: 3, yes: true, list: [1, { deep: false }], none: undefined });

    expect(seen[0].ResourceProperties).toMatchObject({ count: '3', yes: 'true', list: ['1', { deep: 'false' }], ServiceTimeout: '960' });
    expect(seen[0].ResourceProperties).not.toHaveProperty('none');
  });

  test('sends nothing if no property has changed', async () => {
    const stack = stackOf(() => ({}));
    await stack.deploy({ a: 1 });
    expect(await stack.deploy({ a: '1' })).toBe('NO_CHANGE');
    expect(types()).toEqual(['Create']);
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-update.html
  test('treats a new id in the response to an Update as a replacement, and deletes the old resource in the end', async () => {
    const stack = stackOf(({ ResourceProperties }) => ({ PhysicalResourceId: String(ResourceProperties?.id) }));
    await stack.deploy({ id: 'one' });
    await stack.deploy({ id: 'two' });

    expect(seen[1]).toMatchObject({ RequestType: 'Update', PhysicalResourceId: 'one', OldResourceProperties: { id: 'one' } });
    expect(seen[2]).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'one', ResourceProperties: { id: 'one' } });
    expect(stack.resource?.physicalId).toBe('two');
  });

  // https://github.com/aws/aws-cdk/issues/17040 and https://github.com/aws/aws-cdk/issues/30012 describe one case each.
  test.each([
    ['update' as const, ['Create', 'Update', 'Update', 'Delete']],
    ['delete' as const, ['Create', 'Update', 'Delete']],
  ])('rolls back a failed replacement with %s', async (failedReplacement, expected) => {
    const stack = stackOf(({ ResourceProperties: { id } = {} }) => ({ PhysicalResourceId: id, ...(id === 'two' && { Status: 'FAILED', Reason: 'no' }) }), { failedReplacement });
    await stack.deploy({ id: 'one' });
    expect(await stack.deploy({ id: 'two' })).toMatch(/^UPDATE_ROLLBACK/);

    expect(types()).toEqual(expected);
    expect(stack.resource?.physicalId).toBe('one');
  });

  test.each<[string, () => Reply]>([
    ['no answer', () => undefined],
    ['an answer to another request', () => ({ RequestId: 'other' })],
    ['an answer of another stack', () => ({ StackId: 'other' })],
    ['a response that is not JSON', () => 'SUCCESS'],
  ])('fails a resource if it has %s', async (_, reply) => {
    expect(await stackOf(event => event.RequestType === 'Create' ? reply() : {}).deploy({})).toBe('ROLLBACK_COMPLETE');
  });

  test('uses the first response and ignores others', async () => {
    const stack = stackOf(() => ({ Data: { number: seen.length } }));
    await stack.deploy({});
    await fetch(seen[0].ResponseURL, { method: 'PUT', body: Buffer.from(String(answers.received(seen[0].RequestId)[0]).replace('SUCCESS', 'FAILED')) });

    expect(answers.received(seen[0].RequestId)).toHaveLength(2);
    expect(answers.answerTo(seen[0])).toMatchObject({ status: 'SUCCESS', data: { number: 1 } });
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
  test.each([[4096, 'CREATE_COMPLETE'], [4097, 'ROLLBACK_COMPLETE']])('with a response of %i bytes: %s', async (bytes, status) => {
    const stack = stackOf(event => {
      const { StackId, RequestId, LogicalResourceId } = event;
      const body = JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'id', StackId, RequestId, LogicalResourceId });
      return event.RequestType === 'Create' ? body + ' '.repeat(bytes - body.length) : body;
    });
    expect(await stack.deploy({})).toBe(status);
  });

  test.each([['empty', ''], ['missing', undefined], ['no text', 7], ['longer than 1024 bytes', 'é'.repeat(513)]])('rejects a response whose id is %s', async (_, PhysicalResourceId) => {
    const stack = stackOf(({ RequestType }) => RequestType === 'Create' ? { PhysicalResourceId } : {});

    expect(await stack.deploy({})).toBe('ROLLBACK_COMPLETE');
    expect(seen[1].PhysicalResourceId).toContain('INVENTED');
  });

  test('rejects a response with a content type, because the response URL is not signed for it', async () => {
    const response = await fetch(answers.address('x'), { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } });
    expect(response.status).toBe(403);
  });
});

describe('the Lambda simulator', () => {
  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
  test('starts a function that fails up to three times, with the same event', async () => {
    await stackOf(({ RequestType }) => RequestType === 'Create' ? undefined : {}).deploy({ a: 1 });

    expect(types()).toEqual(['Create', 'Create', 'Create', 'Delete']);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]).not.toBe(seen[0]);
  });
});
