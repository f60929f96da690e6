import { TracedRequest } from '../../helpers/fault-proxy-trace';
import { Aim, Run, breaches, repeatedWork } from '../../helpers/invariants';
import { incompleteTags } from '../../helpers/invariants-images';
import { TestImage, image, index, sha256 } from '../../helpers/registry-images';
import { TestRepository } from '../../helpers/registry-store';

const web = image('web');
const tag = 'live-web';

function repository(copied: TestImage = web): TestRepository {
  const made = new TestRepository();
  made.add(copied, tag);
  return made;
}

function request(changes: Partial<TracedRequest> = {}): TracedRequest {
  return {
    number: 1, at: 'destination', method: 'HEAD', kind: 'HEAD manifest', path: '/v2/team/web/manifests/live-web', url: 'http://127.0.0.1/',
    key: 'destination HEAD manifest team/web live-web', nth: 1, time: 0, headers: {}, status: 200, ...changes,
  };
}

const told = { PhysicalResourceId: 'id', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Image' };
const success = JSON.stringify({ ...told, Status: 'SUCCESS' });
const failure = JSON.stringify({ ...told, Status: 'FAILED', Reason: 'could not' });

function run(changes: Partial<Run> = {}): Run {
  return {
    answers: [success], logs: [], trace: [request()], elapsed: 0, pending: 0, connections: 0, incomplete: [],
    tagsBefore: new Map(), blobsBefore: new Set(), ...changes,
  };
}

function aim(changes: Partial<Aim> = {}): Aim {
  return { repository: repository(), image: web, tags: [tag], clean: [request()], ...changes };
}

test('a run without faults violates no invariant', () => {
  expect(breaches(run(), aim())).toEqual([]);
});

describe('an invariant is violated by', () => {
  const otherBytes = repository();
  otherBytes.blobs.set(sha256(web.blobs[0]), Buffer.from('other'));

  test.each<[string, Run, Aim, string]>([
    ['an image that was incomplete for a moment (I1)', run({ incomplete: ['the tag x means an image that lacks y'] }), aim(), 'lacks y'],
    ['a manifest that came too early (I1)', run({ trace: [request({ kind: 'PUT manifest', code: 'MANIFEST_BLOB_UNKNOWN' })] }), aim(), 'refused with'],
    ['a tag on another image (I2)', run(), aim({ repository: repository(image('other')) }), `instead of ${web.digest}`],
    ['a blob with other bytes (I2)', run(), aim({ repository: otherBytes }), 'is another one'],
    ['a tag that a failed run has moved', run({ answers: [failure], tagsBefore: new Map([[tag, 'sha256:old']]) }), aim(), 'after a failure'],
    ['a password at the wrong server (I3)', run({ trace: [request({ at: 'storage', headers: { authorization: 'source-canary-password' } })] }), aim(), 'sent to storage'],
    ['a password in base64 (I3)', run({
      trace: [request({ at: 'source', headers: { authorization: `Basic ${Buffer.from('destination:destination-canary-password').toString('base64')}` } })],
    }), aim(), 'sent to source'],
    ['a seventh try (I4)', run({ trace: Array.from({ length: 7 }, () => request()) }), aim(), 'sent 7 times'],
    ['more time than there is (I4)', run({ elapsed: 900_001 }), aim(), 'it took 900.001 s'],
    ['impatience (I4)', run({ trace: [request({ fault: '429 Retry-After seconds' }), request({ number: 2, time: 6999 })] }), aim(), 'after 6.999 s, asked for 7 s'],
    ['a part of a blob', run({ trace: [request({ headers: { range: 'bytes=5-' } })] }), aim(), 'asks for a part'],
    ['no answer (I5)', run({ answers: [] }), aim(), 'answered 0 times'],
    ['two answers (I5)', run({ answers: [success, success] }), aim(), 'answered 2 times'],
    ['an answer that is too long (I5)', run({ answers: [JSON.stringify({ ...told, Status: 'SUCCESS', Data: 'x'.repeat(4096) })] }), aim(), 'cannot be read'],
    ['an answer without an id (I5)', run({ answers: [JSON.stringify({ ...told, PhysicalResourceId: '', Status: 'SUCCESS' })] }), aim(), 'cannot be read'],
    ['a secret in a log (I6)', run({ logs: ['see response-canary'] }), aim(), 'a secret of cloudFormation is told'],
    ['a secret in an error (I6)', run({ thrown: new Error('presigned-canary') }), aim(), 'a secret of storage is told'],
    ['a timer (I8)', run({ pending: 1 }), aim(), '1 timers are left'],
    ['a connection (I8)', run({ connections: 2 }), aim(), '2 connections are left'],
  ])('%s', (_, bad, of, sentence) => {
    expect(breaches(bad, of).join('\n')).toContain(sentence);
  });

  test.each([0, 1])('a missing blob of a child manifest (I1): number %i', which => {
    const lacking = repository(index([web]));
    lacking.blobs.delete(sha256(web.blobs[which]));
    expect(incompleteTags(lacking)).toEqual([`the tag ${tag} means an image that lacks ${sha256(web.blobs[which])}`]);
  });

  test('a blob that is uploaded again, or a second run that fails (I7)', () => {
    const uploads = [request({ kind: 'PUT upload', key: 'destination PUT upload team/web sha256:a' })];
    expect(repeatedWork(run({ trace: uploads, blobsBefore: new Set(['sha256:a']) }))).toEqual([expect.stringContaining('uploaded again')]);
    expect(repeatedWork(run({ trace: uploads, answers: [failure] }))).toEqual(['the repetition failed: could not']);
    expect(repeatedWork(run({ trace: uploads }))).toEqual([]);
  });
});

test('a failed run can leave a tag that the registry wrote without sending its answer', () => {
  const written = request({ kind: 'PUT manifest', status: 201, fault: 'answer lost' });
  expect(breaches(run({ answers: [failure], trace: [written] }), aim())).toEqual([]);
});
