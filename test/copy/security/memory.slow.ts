import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CopyHandler } from '../../../src/copy/image-copy';
import { EXHAUSTIVE } from '../../helpers/exhaustive';
import { FunctionResult, memoryOf, runFunction } from '../../helpers/function-process';
import { HostileServer, serving } from '../../helpers/hostile';
import { selfSigned } from '../../helpers/hostile-certificate';
import { TestRegistry } from '../../helpers/registry';
import { image, manifest, sha256 } from '../../helpers/registry-images';

const LARGEST = 4 * 1024 * 1024;
const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';

const mebibytes = memoryOf(stack => new CopyHandler(stack, 'Copy'));
// The rest is for the Lambda runtime, which uses the same process and its environment.
const MOST = 0.75 * mebibytes;

const folder = mkdtempSync(join(tmpdir(), 'memory-'));
const authority = join(folder, 'authority.pem');
const certificate = selfSigned('localhost');
writeFileSync(authority, certificate.cert);

let source: HostileServer;
let destination: TestRegistry;
const web = image('web');

beforeEach(async () => { destination = await TestRegistry.start(); });
afterEach(async () => {
  await Promise.all([source.stop(), destination.stop()]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The result of the function for an https registry that answers like this. */
async function copying(answer: RequestListener, properties: object = {}): Promise<FunctionResult> {
  source = await HostileServer.start(answer, certificate);
  return runFunction({
    bundle: 'copy/image-copy.lambda',
    mebibytes,
    environment: {
      NODE_EXTRA_CA_CERTS: authority,
      REGISTRY_ORIGINS: JSON.stringify({ 'source.example': source.origin, 'destination.example': destination.origin }),
    },
    event: {
      RequestType: 'Create', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Image',
      ResourceProperties: {
        SchemaVersion: '1', Source: 'source.example/assets:abc', Destination: 'destination.example/team/web', LiveTagPrefix: 'live-web.',
        ...properties,
      },
    },
  });
}

/** A text with as many elements as fit into the largest manifest. */
function full(beginning: string, piece: string | ((number: number) => string), end: string): Buffer {
  const pieces: string[] = [];
  let room = LARGEST - beginning.length - end.length;
  for (let number = 0; ; number++) {
    const next = typeof piece === 'string' ? piece : piece(number);
    room -= next.length + 1;
    if (room < 0) return Buffer.from(beginning + pieces.join(',') + end);
    pieces.push(next);
  }
}

const nested = (open: string, close: string, inside = '') => {
  const depth = Math.floor((LARGEST - 1000) / (open.length + close.length));
  return Buffer.from(`{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":${open.repeat(depth)}${inside}${close.repeat(depth)}}`);
};
const short = (number: number) => number.toString(36);
const descriptor = (mediaType: string, number: number) => `{"mediaType":"${mediaType}","digest":"sha256:${number.toString(16).padStart(64, '0')}","size":1}`;
const imageOf = (from: number) => full(
  `{"schemaVersion":2,"mediaType":"${OCI_IMAGE}","config":${descriptor('application/vnd.oci.image.config.v1+json', 1)},"layers":[`,
  number => descriptor(GZIP, from + number), ']}',
);
const indexOf = (from: number) => full(`{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":[`, number => descriptor(OCI_IMAGE, from + number), ']}');

const SHAPES: readonly (readonly [string, () => Buffer])[] = [
  ['lists in lists', () => nested('[', ']')],
  ['objects in objects', () => nested('{"a":', '}', '1')],
  ['many empty lists', () => full('{"a":[', '[]', ']}')],
  ['many empty objects', () => full('{"a":[', '{}', ']}')],
  ['many objects, each with another name', () => full('{"a":[', number => `{"${short(number)}":1}`, ']}')],
  ['many names with objects', () => full('{', number => `"${short(number)}":{}`, '}')],
];
// The deepest text, and the one whose values use the most memory.
const HEAVY = EXHAUSTIVE ? SHAPES : [SHAPES[1], SHAPES[4]];
const AS_IT_COMES: readonly (readonly [string, () => Buffer])[] = [
  ['the most values that are read', () => full('{"manifests":[],"a":[', number => number < 99_000 ? `{"${short(number)}":1}` : 'x'.repeat(LARGEST), ']}')],
  ['valid entries', () => indexOf(0)],
  ['valid entries with annotations', () => full('{"manifests":[', number => `${descriptor(OCI_IMAGE, number).slice(0, -1)},"annotations":{"a${number}":"b"}}`, ']}')],
];

describe(`the copy function stays below ${MOST} of its ${mebibytes} MiB if a registry sends`, () => {
  test.each(HEAVY)('a manifest of %s', async (_, build) => {
    const bytes = build();
    const { answer, peakMebibytes } = await copying((_request, response) => response.writeHead(200, { 'content-type': OCI_INDEX }).end(bytes));

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('could not read the manifest from the source') });
    expect(peakMebibytes).toBeLessThan(MOST);
  });

  test.each(HEAVY)('a configuration of %s, for joined images of two platforms', async (_, build) => {
    const configuration = build();
    const described = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(configuration), size: configuration.length };
    const serve = serving(manifest(OCI_IMAGE, { config: described, layers: [] }, [configuration]));

    const { answer, peakMebibytes } = await copying(serve, { FurtherPlatforms: ['source.example/assets:arm'] });

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching('could not read the platform .*: the configuration') });
    expect(peakMebibytes).toBeLessThan(MOST);
  });

  test.each([...HEAVY, ...AS_IT_COMES])('four pages of referrers of %s', async (_, build) => {
    const bytes = build();
    const serve = serving(web);
    const { answer, peakMebibytes } = await copying((request, response) => {
      const [, page] = /\/referrers\/[^?]*\??(\d*)$/.exec(request.url ?? '') ?? [];
      if (/\/manifests\/sha256:0/.test(request.url ?? '')) response.writeHead(404).end();
      else if (page === undefined) serve(request, response);
      else response.writeHead(200, { 'content-type': OCI_INDEX, ...page !== '3' && { link: `<?${Number(page) + 1}>; rel="next"` } }).end(bytes);
    }, { Referrers: 'true' });

    expect(answer.Status).toBe('SUCCESS');
    expect(peakMebibytes).toBeLessThan(MOST);
  });

  test('large indexes for ten platforms, which are joined', async () => {
    const { answer, peakMebibytes } = await copying(({ url = '' }, response) => {
      const tag = Number(url.slice(-1));
      const entry = `${descriptor(OCI_IMAGE, tag).slice(0, -1)},"platform":{"os":"linux","architecture":"a${tag}"},"annotations":{"a":"${'x'.repeat(900_000)}"}}`;
      response.writeHead(200, { 'content-type': OCI_INDEX }).end(`{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":[${entry}]}`);
    }, { Source: 'source.example/assets:v0', FurtherPlatforms: Array.from({ length: 9 }, (_each, number) => `source.example/assets:v${number + 1}`) });

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('the index of all platforms is larger than 4194304 bytes') });
    expect(peakMebibytes).toBeLessThan(MOST);
  });

  // It parses two million objects, which takes a minute on a slow machine. See large-referrers.test.ts for the parts that are kept.
  test('twenty pages of referrers that use much memory and are all kept', async () => {
    const entries = (page: number) => Array.from({ length: 10 }, (_each, place) => {
      const values = Array.from({ length: 9_000 }, (__, number) => `{"${short(number + 9_000 * place)}":1}`).join();
      return `${descriptor(OCI_IMAGE, 10 * page + place).slice(0, -1)},"annotations":{"a":[${values}]}}`;
    });
    const serve = serving(web);
    let pages = 0;
    const { answer, output, peakMebibytes } = await copying((request, response) => {
      const [, page] = /\/referrers\/[^?]*\??(\d*)$/.exec(request.url ?? '') ?? [];
      if (/\/manifests\/sha256:0/.test(request.url ?? '')) response.writeHead(404).end();
      else if (page === undefined) serve(request, response);
      else response.writeHead(200, { 'content-type': OCI_INDEX, 'link': `<?${++pages}>; rel="next"` }).end(`{"manifests":[${entries(Number(page)).join()}]}`);
    }, { Referrers: 'true' });

    expect(answer.Status).toBe('SUCCESS');
    expect(output).toContain('3 copied, 201 not copied');
    expect(pages).toBe(20);
    expect(peakMebibytes).toBeLessThan(MOST);
  });

  test.each([
    ['images', OCI_IMAGE, imageOf, 'could not mount the blob|could not look up the blob|could not upload'],
    ['indexes', OCI_INDEX, indexOf, 'it has more than 1000 manifests'],
  ] as const)('an index of the seven largest %s', async (_, mediaType, build, reason) => {
    const children = Array.from({ length: 7 }, (_each, number) => build(number * 100_000));
    const entries = children.map(child => ({ mediaType, digest: sha256(child), size: child.length }));
    const root = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries }));
    destination.fail('HEAD blob', { status: 403 }, { times: 99 }).fail('GET blob', { status: 403 }, { times: 99 });

    const { answer, peakMebibytes } = await copying(({ url = '' }, response) => {
      const child = children[entries.findIndex(({ digest }) => url.endsWith(digest))];
      response.writeHead(200, { 'content-type': child === undefined ? OCI_INDEX : mediaType }).end(child ?? root);
    });

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(reason) });
    expect(peakMebibytes).toBeLessThan(MOST);
  });
});
