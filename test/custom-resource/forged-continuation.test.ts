import { CustomResourceEvent, serveCustomResource } from '../../src/custom-resource/protocol';
import { TestClock } from '../helpers/registry-clock';

const clock = new TestClock();

/** Processes an event with endless work, in as many invocations as needed. Returns their number, the status of the response, and the last start. */
async function serveToItsEnd(continuation: unknown): Promise<{ readonly invocations: number; readonly status: string; readonly since?: number }> {
  const queue = [{
    RequestType: 'Create', ResponseURL: 'https://cloudformation.example/answer', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Gate', Continuation: continuation,
  } as CustomResourceEvent];
  let status = '';
  let invocations = 0;
  for (const event of queue) {
    if (++invocations > 20) break;
    await serveCustomResource(event, { getRemainingTimeInMillis: () => 900_000 }, {
      name: 'the gate', timeoutFix: 'deploy again', physicalId: () => 'id', remove: async () => ({ status: 'SUCCESS' }),
      work: async () => {
        clock.advance(600_000);
        return { status: 'UNFINISHED', reason: 'it goes on' };
      },
    }, {
      clock, log: () => undefined, invokeAgain: async next => { queue.push(next); },
      send: async ({ body }) => {
        status = JSON.parse(body).Status;
        return { status: 200, body: '' };
      },
    });
  }
  return { invocations, status, since: queue.at(-1)?.Continuation?.Since };
}

test('endless work ends after four invocations', async () => {
  expect(await serveToItsEnd(undefined)).toMatchObject({ invocations: 4, status: 'FAILED' });
});

test.each([-1, -1e9, 0.5, -0.5, NaN, '', '-5', 'x', {}, [], [-9], null, true, 4, 1e9])(
  'a forged number of earlier invocations (%j) does not continue the work', async Hop => {
    expect(await serveToItsEnd({ Hop, Since: clock.now() })).toMatchObject({ invocations: 1, status: 'FAILED' });
  });

test('a forged state that is not an object does not continue the work', async () => {
  for (const state of [null, 'x', 1, []]) expect(await serveToItsEnd(state)).toMatchObject({ invocations: 1, status: 'FAILED' });
});

test.each([1e18, Number.MAX_VALUE])('a forged start in the future (%d) counts as now', async Since => {
  const now = clock.now();

  expect(await serveToItsEnd({ Hop: 2, Since })).toEqual({ invocations: 2, status: 'FAILED', since: now });
});
