import { responseBody, sendResponse, CustomResourceEvent } from '../../src/custom-resource/protocol';
import { SmallRequest } from '../../src/custom-resource/small-request';
import { TestClock } from '../helpers/registry-clock';

const event: CustomResourceEvent = { RequestType: 'Create', ResponseURL: '', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Image' };
const common = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Image' };
const bodyOf = (...of: Parameters<typeof responseBody> extends [unknown, unknown, ...infer Rest] ? Rest : never) => JSON.parse(responseBody(event, 'id', ...of));

test('a success has its data and its physical id', () => {
  expect(bodyOf({ status: 'SUCCESS', data: { A: 'b' } })).toEqual({ ...common, Status: 'SUCCESS', PhysicalResourceId: 'id', Data: { A: 'b' } });
  expect(bodyOf({ status: 'SUCCESS', physicalId: 'other' })).toEqual({ ...common, Status: 'SUCCESS', PhysicalResourceId: 'other' });
});

test.each([['it broke', 'it broke'], ['a\nb\u001b', 'a b'], ['', 'unknown failure']])('a failure has its reason on one line: %j', (reason, Reason) => {
  expect(bodyOf({ status: 'FAILED', reason })).toEqual({ ...common, Status: 'FAILED', PhysicalResourceId: 'id', Reason });
});

test('a failure that would be too long is sent without its reason', () => {
  expect(bodyOf({ status: 'FAILED', reason: 'x'.repeat(5000) }, 5000)).toEqual({
    ...common, Status: 'FAILED', PhysicalResourceId: 'id', Reason: 'the response would be longer than the 4096 bytes that CloudFormation reads',
  });
});

test.each([[199, 6], [200, 1], [204, 1], [299, 1], [300, 6], [403, 6]])('the status %i causes %i tries', async (status, tries) => {
  const requests: SmallRequest[] = [];
  const sending = sendResponse({ address: 'https://cloudformation.example/a?b=c', body: '{}' }, {
    clock: new TestClock(), send: async request => {
      requests.push(request);
      return { status, body: '' };
    },
  });
  if (tries === 1) await sending;
  else await expect(sending).rejects.toThrow(`the result could not be sent to CloudFormation after 6 attempts: the response was answered with ${status}`);

  expect(requests).toHaveLength(tries);
  expect(requests[0]).toEqual({ method: 'PUT', url: new URL('https://cloudformation.example/a?b=c'), headers: { 'content-type': '' }, body: '{}', timeoutMilliseconds: 2000 });
});
