import fc from 'fast-check';
import { responseBody, sendResponse, CustomResourceEvent } from '../../src/custom-resource/protocol';
import { truncateUtf8 } from '../../src/custom-resource/text';
import { TestClock } from '../helpers/registry-clock';
import { failureOf } from '../helpers/registry-copy';

const ADDRESS = 'https://cloudformation.example/answer?X-Amz-Signature=canary';
const event: CustomResourceEvent = {
  RequestType: 'Create', ResponseURL: ADDRESS, StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Image', ResourceProperties: {},
};

function bodyOf(reason: string): { bytes: number; answer: { Status: string; Reason: string } } {
  const body = responseBody(event, 'id', { status: 'FAILED', reason });
  return { bytes: Buffer.byteLength(body), answer: JSON.parse(body) };
}

describe('the body of the response', () => {
  test.each([4095, 4096, 4097, 100_000])('is never longer than 4096 bytes (%i characters)', length => {
    expect(bodyOf('é"\\\u0000'.repeat(length)).bytes).toBeLessThanOrEqual(4096);
  });

  test('is never longer than 4096 bytes for any reason', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), reason => bodyOf(reason).bytes <= 4096));
  });

  test('of a success that would be too long is a failure that says so', () => {
    const data = (length: number) => ({ status: 'SUCCESS', data: { Tag: 'x'.repeat(length) } }) as const;
    const overhead = Buffer.byteLength(responseBody(event, 'id', data(0)));

    expect(JSON.parse(responseBody(event, 'id', data(4096 - overhead)))).toMatchObject({ Status: 'SUCCESS' });
    expect(JSON.parse(responseBody(event, 'id', data(4097 - overhead)))).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('4096') });
  });
});

describe('the reason of a failure', () => {
  test.each(['', 'plain', 'ünïcödé 日本語 🚢'])('that is short stays unchanged: %j', text => {
    expect(truncateUtf8(text, 1024)).toBe(text);
  });

  test('that is long is cut between characters', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '日', '🚢'), minLength: 1, maxLength: 600 }), text => {
      const cut = truncateUtf8(text, 100);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(100);
      expect(cut).not.toContain('\ufffd');
      expect(text.startsWith(cut.replace(/…$/, ''))).toBe(true);
    }));
  });
});

describe('sending the response', () => {
  test('is retried until CloudFormation accepts it', async () => {
    const clock = new TestClock();
    let tries = 0;
    const send = async () => {
      tries++;
      if (tries === 1) throw new Error(`connect ECONNRESET ${ADDRESS}`);
      return { status: tries < 5 ? 503 : 200, body: '' };
    };

    await sendResponse({ address: ADDRESS, body: '{}' }, { clock, send });

    expect(tries).toBe(5);
    expect(clock.sleeps).toEqual([200, 400, 750, 750]);
  });

  test('uses the empty content type for which the response URL is signed', async () => {
    const sent: unknown[] = [];
    const send = async (request: unknown) => {
      sent.push(request);
      return { status: 200, body: '' };
    };

    await sendResponse({ address: ADDRESS, body: '{"a":1}' }, { clock: new TestClock(), send });

    expect(sent).toEqual([expect.objectContaining({ method: 'PUT', headers: { 'content-type': '' }, body: '{"a":1}' })]);
  });

  test('that always fails ends with an error without the response URL', async () => {
    const send = async () => { throw new Error(`connect ECONNRESET ${ADDRESS}`); };

    const failure = await failureOf(sendResponse({ address: ADDRESS, body: '{}' }, { clock: new TestClock(), send }));

    expect(failure.message).toBe('the result could not be sent to CloudFormation after 6 attempts: the connection failed');
    expect(failure.stack).not.toContain('canary');
  });

  test('to six addresses that never answer ends within the twenty seconds that the watchdog reserves', async () => {
    const clock = new TestClock(0.999);
    const send = async ({ timeoutMilliseconds }: { readonly timeoutMilliseconds: number }) => {
      clock.advance(timeoutMilliseconds);
      throw new Error('timeout');
    };
    const start = clock.now();

    await failureOf(sendResponse({ address: ADDRESS, body: '{}' }, { clock, send }));

    expect(clock.now() - start).toBeLessThan(20_000);
  });
});
