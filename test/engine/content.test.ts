import { createHash } from 'node:crypto';
import { BlobCheck, Descriptor, Verification, digestOf, inlineContent, isDigest, verifyBytes } from '../../src/engine/digest';
import { Failure } from '../../src/engine/errors';

const hash = (algorithm: string, text: string) => `${algorithm}:${createHash(algorithm).update(text).digest('hex')}`;
const [SHA256, SHA512] = ['sha256', 'sha512'].map(algorithm => hash(algorithm, 'content'));
const content = Buffer.from('content');
const failureOf = (step: () => unknown) => {
  try {
    step();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('a digest', () => {
  test('is a SHA-256 or SHA-512 digest', () => {
    expect([SHA256, SHA512].map(isDigest)).toEqual([true, true]);
    const wrong = [
      `${SHA256}0`, SHA256.slice(0, -1), ` ${SHA256}`, `${SHA256}\n`, SHA256.toUpperCase(), `${SHA512}0`, SHA512.slice(0, -1), SHA512.replace('512', '256'),
      SHA256.replace('256', '512'), 'md5:00', '',
    ];
    expect(wrong.some(isDigest)).toBe(false);
  });

  test('of bytes uses the algorithm of a given digest, and SHA-256 by default', () => {
    expect([digestOf(content), digestOf(content, SHA256), digestOf(content, SHA512)]).toEqual([SHA256, SHA256, SHA512]);
  });
});

describe('content that was read', () => {
  test('is accepted if it has the expected digest, and the expected size if that is known', () => {
    const accepted = [() => verifyBytes(content, SHA256), () => verifyBytes(content, SHA256, 7), () => verifyBytes(content, SHA512, 7)];
    expect(accepted.map(failureOf)).toEqual([undefined, undefined, undefined]);
  });

  test('is rejected as corrupt otherwise, which allows a retry', () => {
    const other = hash('sha256', 'other');
    expect(failureOf(() => verifyBytes(content, SHA256, 8))).toMatchObject({ reason: 'expected 8 bytes, got 7', retry: 'corrupt' });
    expect(failureOf(() => verifyBytes(content, other, 7))).toMatchObject({ reason: `the content is corrupt, expected ${other}, got ${SHA256}`, retry: 'corrupt' });
  });
});

describe('content inside a descriptor', () => {
  const descriptor = (changes: Partial<Descriptor> = {}): Descriptor => ({ mediaType: 'a', digest: SHA256, size: 7, data: content.toString('base64'), ...changes });

  test('is used if it has the size and the digest of the descriptor', () => {
    expect(inlineContent(descriptor())?.toString()).toBe('content');
    expect(inlineContent(descriptor({ digest: SHA512 }))?.toString()).toBe('content');
    expect(inlineContent(descriptor({ data: '', size: 0, digest: hash('sha256', '') }))?.length).toBe(0);
  });

  test.each<[string, Partial<Descriptor>]>([
    ['there is none', { data: undefined }], ['it has another size', { size: 8 }], ['it has another size with the same number of characters', { data: Buffer.from('contents').toString('base64') }],
    ['it has another digest', { digest: hash('sha256', 'other') }], ['it is longer', { data: `${content.toString('base64')}AAAA` }], ['it is no base64', { data: '************' }],
  ])('is ignored if %s', (_, changes) => {
    expect(inlineContent(descriptor(changes))).toBeUndefined();
  });
});

describe('a blob that is streamed', () => {
  function stream(chunks: string[], expected: Partial<Descriptor> = {}, verification?: Verification) {
    const check = new BlobCheck({ mediaType: 'a', digest: SHA256, size: 7, ...expected }, verification);
    const passed: (Buffer | undefined)[] = [];
    let failure: unknown;
    try {
      for (const chunk of chunks) passed.push(check.next(Buffer.from(chunk)));
      passed.push(check.end());
    } catch (error) {
      failure = error;
    }
    return { text: Buffer.concat(passed.flatMap(chunk => chunk ?? [])).toString(), failure };
  }

  test.each([[['content']], [['con', 'tent']], [['c', 'o', 'n', 't', 'e', 'n', 't']]])('passes unchanged: %j', chunks => {
    expect(stream(chunks)).toEqual({ text: 'content', failure: undefined });
    expect(stream(chunks, { digest: SHA512 }).text).toBe('content');
  });

  test('can be empty', () => {
    expect(stream([], { size: 0, digest: hash('sha256', '') })).toEqual({ text: '', failure: undefined });
  });

  test('is not hashed if the destination verifies it, but its size is checked', () => {
    expect(stream(['con', 'test'], {}, 'size')).toEqual({ text: 'contest', failure: undefined });
    expect(stream(['con', 'tes'], {}, 'size')).toMatchObject({ text: 'con', failure: { reason: 'expected 7 bytes, got 6', party: 'feed' } });
    expect(stream(['con', 'tests'], {}, 'size')).toMatchObject({ text: '', failure: { reason: 'expected 7 bytes, got at least 8' } });
  });

  test.each<[string, string[], Partial<Descriptor>, string, string]>([
    ['is too short', ['con', 'ten'], {}, 'expected 7 bytes, got 6', 'con'],
    ['is too long', ['con', 'tent', 's', '!'], {}, 'expected 7 bytes, got at least 8', 'con'],
    ['is another one', ['con', 'test'], {}, `the content is corrupt, expected ${SHA256}, got ${hash('sha256', 'contest')}`, 'con'],
    ['is another one by SHA-512', ['con', 'test'], { digest: SHA512 }, `the content is corrupt, expected ${SHA512}, got ${hash('sha512', 'contest')}`, 'con'],
  ])('that %s fails before its last part is passed on', (_, chunks, expected, reason, passed) => {
    const { text, failure } = stream(chunks, expected);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ reason, retry: 'corrupt', party: 'feed' });
    expect(passed.startsWith(text)).toBe(true);
  });
});
