import { copyWork, serveImageCopy } from '../../src/copy/handler/copy-work';
import { Work, CustomResourceEvent } from '../../src/custom-resource/protocol';
import { SmallRequest, SmallResponse } from '../../src/custom-resource/small-request';
import { TestRegistry } from '../helpers/registry';
import { describeImage, platformImage } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { noSecret, passwordFor } from '../helpers/registry-copy';
import { image, manifest, sha256 } from '../helpers/registry-images';

const ADDRESS = 'https://cloudformation.example/answer?X-Amz-Signature=response-canary';
const PASSWORD = 'password-canary';
const web = image('web');
const live = `live-web.${web.digest.slice(7, 19)}`;

let registry: TestRegistry;
let clock: TestClock;
let answers: Record<string, unknown>[];
let logs: string[];

beforeEach(async () => {
  registry = await TestRegistry.start({ basic: `AWS:${PASSWORD}` });
  registry.add('assets', web, 'abc');
  clock = new TestClock();
  answers = [];
  logs = [];
});
afterEach(async () => registry.stop());

function event(changes: Partial<CustomResourceEvent> = {}): CustomResourceEvent {
  return {
    RequestType: 'Create',
    ResponseURL: ADDRESS,
    StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Web/1',
    RequestId: 'request-1',
    LogicalResourceId: 'WebImage',
    ResourceProperties: properties(),
    ...changes,
  };
}

function properties(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ServiceToken: 'arn:aws:lambda:...',
    ServiceTimeout: '3600',
    SchemaVersion: '1',
    Source: `${registry.host}/assets:abc`,
    Destination: `${registry.host}/team/web`,
    LiveTagPrefix: 'live-web.',
    ...changes,
  };
}

async function serve(sent: CustomResourceEvent, remaining = 900_000): Promise<Record<string, unknown>> {
  const work = copyWork({
    clock, secret: noSecret, credentials: passwordFor(registry.host, `AWS:${PASSWORD}`), origins: () => ({ [registry.host]: registry.origin }),
  });
  const send = async ({ url, body }: SmallRequest): Promise<SmallResponse> => {
    expect(url.href).toBe(ADDRESS);
    answers.push(JSON.parse(body));
    return { status: 200, body: '' };
  };
  await serveImageCopy(sent, { getRemainingTimeInMillis: () => remaining }, work, { clock, send, log: line => logs.push(line) });
  expect(answers).toHaveLength(1);
  return answers[0];
}

describe('Create', () => {
  test('responds to an event without properties', async () => {
    const answer = await serve({ ...event(), ResourceProperties: undefined });

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: "the property 'SchemaVersion' must be a text" });
    expect(answer.PhysicalResourceId).toMatch(/^unknown-destination#[0-9a-f]{16}$/);
  });

  test('copies the image and returns its digest and its tag', async () => {
    const answer = await serve(event());

    expect(answer).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: expect.stringMatching(new RegExp(`^${registry.host}/team/web#[0-9a-f]{16}$`)),
      StackId: event().StackId,
      RequestId: 'request-1',
      LogicalResourceId: 'WebImage',
      Data: { DigestHex: web.digest.slice(7), Tag: live },
    });
    expect(registry.repository('team/web').tags.get(live)).toBe(web.digest);
  });

  test('logs the result for signatures', async () => {
    const missing = Array.from({ length: 3 }, (_, number) => ({ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256(Buffer.from(`${number}`)), size: 2 }));
    const list = manifest('application/vnd.oci.image.index.v1+json', { manifests: missing });
    registry.repository('assets').add(list, web.digest.replace(':', '-'));

    expect(await serve(event({ ResourceProperties: properties({ Referrers: 'true' }) }))).toMatchObject({ Status: 'SUCCESS' });
    expect(logs.join('\n')).toContain('"referrers":"0 copied, 3 not copied: ');
    missing.forEach(({ digest }) => expect(logs.join('\n')).toContain(digest));
  });

  describe('with selected platforms', () => {
    const [amd, arm] = ['amd64', 'arm64'].map(architecture => platformImage({ os: 'linux', architecture }));
    const entries = [amd, arm].map(each => ({ ...describeImage(each), platform: JSON.parse(String(each.blobs[0])) }));
    const both = manifest('application/vnd.oci.image.index.v1+json', { manifests: entries }, [], [amd, arm]);
    const asked = (Platforms: unknown) => event({ ResourceProperties: properties({ Source: `${registry.host}/assets:both`, Platforms }) });

    beforeEach(() => { registry.add('assets', both, 'both'); });

    test('copies these, and the log has the omitted ones', async () => {
      const { Status, Data } = await serve(asked(['linux/arm64']));

      const digest = `sha256:${(Data as { DigestHex: string }).DigestHex}`;
      expect([Status, digest === both.digest]).toEqual(['SUCCESS', false]);
      expect(JSON.parse(String(registry.repository('team/web').find(digest)?.bytes)).manifests).toEqual([entries[1]]);
      expect(logs.at(-1)).toContain(`"leftOut":"linux/amd64, and signatures of the complete index ${both.digest}"`);
    });

    test('fails with the list of available platforms', async () => {
      expect((await serve(asked(['linux/s390x']))).Reason).toMatch(/: it has no image for linux\/s390x, only for linux\/amd64, linux\/arm64$/);
    });

    test.each([[[]], ['linux/arm64'], [{}], [[1]], [['']], [['linux/arm64/v8/x']], [['a b/c']]])('fails with a clear message if they are %j', async platforms => {
      expect((await serve(asked(platforms))).Reason).toMatch(/^the property 'Platforms' (?:must be|has '[^']*', which is not)/);
      expect(registry.count()).toBe(0);
    });
  });

  test('logs the omitted layers', async () => {
    const config = Buffer.from('{}');
    const layers = [{ mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', digest: sha256(Buffer.from('far away')), size: 8 }];
    const windows = manifest('application/vnd.docker.distribution.manifest.v2+json', {
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: sha256(config), size: 2 }, layers,
    }, [config]);
    registry.add('assets', windows, 'windows');

    expect(await serve(event({ ResourceProperties: properties({ Source: `${registry.host}/assets:windows` }) }))).toMatchObject({ Status: 'SUCCESS' });
    expect(logs.at(-1)).toContain(`"leftOut":"1 nondistributable layers that the source does not hold: ${layers[0].digest}"`);
  });

  test('adds more tags to the image', async () => {
    await serve(event({ ResourceProperties: properties({ Tags: ['v1'], FloatingTags: ['latest'] }) }));

    expect([...registry.repository('team/web').tags.keys()]).toEqual([live, 'v1', 'latest']);
  });

  test('that fails reports operation, side, reference, reason and fix', async () => {
    const answer = await serve(event({ ResourceProperties: properties({ Source: `${registry.host}/assets:nope` }) }));

    expect(answer).toMatchObject({
      Status: 'FAILED',
      Reason: `could not read the manifest from the source ${registry.host}/assets:nope: the registry answered 404 MANIFEST_UNKNOWN; check repository and tag: the image is private, or it does not exist`,
    });
  });

  test.each([
    [{ SchemaVersion: '2' }, "the property 'SchemaVersion' is '2', this handler understands '1'"],
    [{ SchemaVersion: undefined }, "the property 'SchemaVersion' must be a text"],
    [{ Source: 'nginx' }, "the property 'Source' is wrong: 'nginx' is not an image: expected host/repository:tag or host/repository@sha256:..."],
    [{ Source: { Ref: 'x' } }, "the property 'Source' must be a text"],
    [{ Destination: 'web' }, "the property 'Destination' is wrong: 'web' is not a repository: expected host/repository"],
    [{ LiveTagPrefix: '-x' }, "the property 'LiveTagPrefix' cannot begin a tag: '-x'"],
    [{ LiveTagPrefix: 'x'.repeat(117) }, `the property 'LiveTagPrefix' cannot begin a tag: '${'x'.repeat(117)}'`],
    [{ Tags: 'v1' }, "the property 'Tags' must be a list of tags"],
    [{ Tags: ['bad tag!'] }, "the property 'Tags' has 'bad tag!', which is not a tag"],
    [{ FloatingTags: [{}] }, "the property 'FloatingTags' has '[object Object]', which is not a tag"],
  ])('with %j fails with a clear message and without any request', async (changes, reason) => {
    const answer = await serve(event({ ResourceProperties: properties(changes) }));

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: reason, PhysicalResourceId: expect.stringMatching(/#[0-9a-f]{16}$/) });
    expect(registry.count()).toBe(0);
  });
});

describe('Update', () => {
  test('keeps the physical id if only the image changes, so that nothing is deleted', async () => {
    const answer = await serve(event({
      RequestType: 'Update', PhysicalResourceId: 'given-by-an-older-version', OldResourceProperties: properties({ Source: `${registry.host}/assets:old` }),
    }));

    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'given-by-an-older-version' });
  });

  test('keeps the physical id if the copy fails', async () => {
    const answer = await serve(event({
      RequestType: 'Update', PhysicalResourceId: 'id', ResourceProperties: properties({ Source: `${registry.host}/assets:nope` }), OldResourceProperties: properties(),
    }));

    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'id' });
  });

  test('has another physical id with another destination', async () => {
    const answer = await serve(event({
      RequestType: 'Update', PhysicalResourceId: 'id', OldResourceProperties: properties({ Destination: `${registry.host}/team/old` }),
    }));

    expect(answer.PhysicalResourceId).toMatch(/team\/web#[0-9a-f]{16}$/);
  });

  test('back to an existing image copies nothing', async () => {
    registry.add('team/web', web, live);

    await serve(event({ RequestType: 'Update', PhysicalResourceId: 'id', OldResourceProperties: properties() }));

    expect(registry.count()).toBe(2);
  });
});

describe('Delete', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['of a copied image', '127.0.0.1/team/web#0123456789abcdef', {}],
    ['after a create that failed or never happened', 'Web-WebImage-INVENTED', { Source: undefined, Destination: undefined }],
    ['with properties of another schema', 'from-the-future', { SchemaVersion: '9' }],
  ])('%s succeeds, keeps the id and changes no image', async (_, PhysicalResourceId, changes) => {
    registry.add('team/web', web, live);

    const answer = await serve(event({ RequestType: 'Delete', PhysicalResourceId, ResourceProperties: properties(changes) }));

    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
    expect(registry.count()).toBe(0);
  });
});

describe('the physical id', () => {
  test('is the same for the same resource and another image, and differs between resources', async () => {
    const ids = [];
    for (const changes of [{}, { ResourceProperties: properties({ Source: `${registry.host}/assets@${web.digest}` }) }, { LogicalResourceId: 'Other' }]) {
      answers = [];
      ids.push((await serve(event(changes))).PhysicalResourceId);
    }
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });
});

describe('the watchdog', () => {
  test.each([[900_000, 880_000], [35_000, 17_500], [10_000, 5_000]])('responds before the function times out in %i ms, even if the copy ignores its abort signal', async (remaining, allowed) => {
    const sent: string[] = [];
    let signal: AbortSignal | undefined;
    const send = async ({ body }: SmallRequest) => {
      sent.push(body);
      return { status: 200, body: '' };
    };
    const deaf: Work = async (_, limits) => {
      signal = limits.signal;
      return new Promise(() => undefined);
    };
    const served = serveImageCopy(event(), { getRemainingTimeInMillis: () => remaining }, deaf, { clock, send, log: () => undefined });

    clock.advance(allowed - 1);
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    await served;

    expect(signal?.aborted).toBe(true);
    expect(sent.map(body => JSON.parse(body).Reason)).toEqual([expect.stringContaining(`did not end within ${Math.round(allowed / 1000)} s`)]);
  });

  test('lets the copy report where it was when the time was over', async () => {
    registry.fail('GET manifest', 'stall', { times: 99 });
    registry.onStall = () => clock.advance(25_000);

    const answer = await serve(event(), 50_000);

    expect(answer.Reason).toMatch(/^could not read the manifest from the source .*: the time allowed for the copy ran out$/);
  });
});

describe('logs', () => {
  test('have one line at the start and one at the end, with the counts', async () => {
    await serve(event());

    expect(logs).toEqual([
      'Create WebImage began',
      `Create WebImage ended with SUCCESS: ${registry.host}/team/web@${web.digest} {"mounted":2,"streamed":0,"existing":0,"bytes":0,"milliseconds":0}`,
    ]);
  });

  test.each(['abc', 'nope'])('and responses contain no secret (tag %s)', async tag => {
    registry.fail('PUT manifest', { status: 403, code: 'DENIED', message: `Basic ${Buffer.from(`AWS:${PASSWORD}`).toString('base64')}` });

    await serve(event({ ResourceProperties: properties({ Source: `${registry.host}/assets:${tag}` }) }));

    const said = JSON.stringify([answers, logs]);
    expect(said).toContain('FAILED');
    for (const secret of ['response-canary', PASSWORD, Buffer.from(`AWS:${PASSWORD}`).toString('base64')]) expect(said).not.toContain(secret);
  });
});
