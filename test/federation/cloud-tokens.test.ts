import { send } from '../../src/custom-resource/small-request';
import { callCloud, redact } from '../../src/federation/handler/cloud-api';
import { TestClock } from '../helpers/registry-clock';

describe('a token from another cloud', () => {
  // For example from a server that wants to add a header, or from a broken one.
  test.each(['line\r\nX-Evil: 1', 'line\nbreak', 'a space', 'ümlaut', '\ud800', ''])('is not sent on if it has an invalid form, and is not in the error: %j', async token => {
    const clock = new TestClock();
    const sent: unknown[] = [];
    const call = callCloud({ method: 'GET', host: 'artifactregistry.googleapis.com', path: '/', title: 'Artifact Registry', operation: 'read the repository', token }, {
      clock, environment: {}, send: async request => {
        sent.push(request);
        return send(request);
      },
    });

    await expect(call).rejects.toThrow(/^could not read the repository: the token for Artifact Registry contains characters that no token has$/);
    expect([sent, clock.now()]).toEqual([[], new TestClock().now()]);
  });
});

test.each([
  ['a"quote\\of-json', body => JSON.stringify({ error: body })], ['line\nbreak-line', body => JSON.stringify({ error: body })],
  ['half\ud800surrogate', body => body], ['{"url":"x"}', body => `subject_token=${encodeURIComponent(body)}`],
] as [string, (secret: string) => string][])('a secret is removed from an error in every form in which a server could repeat it: %j', (secret, quote) => {
  expect(redact(quote(secret), [secret])).not.toMatch(/quote|break|surrogate|url/);
});
