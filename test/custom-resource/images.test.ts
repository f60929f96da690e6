import { EcrApi, AmbiguousManifestError, findImage, manifestOf, readImage } from '../../src/custom-resource/ecr';
import { RunnableImage, platformName, runnableImages } from '../../src/custom-resource/runnable-images';
import { TestClock } from '../helpers/registry-clock';
import { OCI_INDEX, OCI_MANIFEST, digestOf } from '../helpers/scan-cloud';

const MIB = 1024 * 1024;
const AMD64 = { os: 'linux', architecture: 'amd64' };
const UNKNOWN = { os: 'unknown', architecture: 'unknown' };
const IN_TOTO = { mediaType: 'application/vnd.in-toto+json' };

let asked: Record<string, unknown>[];
let stored: Map<string, object>;
let answer: object | undefined;
beforeEach(() => {
  asked = [];
  stored = new Map();
  answer = undefined;
});

const ecr = new EcrApi({ account: '111122223333', region: 'eu-west-1', apiHost: 'api.ecr.example' }, 'team/web', {
  environment: {}, clock: new TestClock(), send: async ({ body, headers }) => {
    const question = JSON.parse(body);
    asked.push({ ...question, operation: headers['X-Amz-Target'] });
    const [{ imageDigest, imageTag }] = question.imageIds;
    const found = stored.get(imageDigest ?? imageTag);
    return { status: 200, body: JSON.stringify(answer ?? (found === undefined ? { failures: [{ failureCode: 'ImageNotFound' }] } : { images: [found] })) };
  },
}, {});

/** Puts a manifest into the repository. */
function put(json: object | string, tag?: string): string {
  const imageManifest = typeof json === 'string' ? json : JSON.stringify(json);
  const imageDigest = digestOf(imageManifest);
  const image = { imageId: { imageDigest }, imageManifest };
  stored.set(imageDigest, image);
  if (tag !== undefined) stored.set(tag, image);
  return imageDigest;
}
const image = (name: string, layers: object[] = [], mediaType = OCI_MANIFEST) => put({ mediaType, config: { name }, layers });
const entry = (digest: string, changes: object = {}) => ({ digest, mediaType: OCI_MANIFEST, platform: AMD64, ...changes });
const index = (...manifests: unknown[]) => put({ mediaType: OCI_INDEX, manifests });
const runnable = async (digest: string): Promise<RunnableImage[]> => runnableImages(ecr, await readImage(ecr, digest));

describe('an image is requested', () => {
  test('by its digest, from its repository and with every manifest type', async () => {
    const digest = image('a');
    expect(await findImage(ecr, digest)).toEqual({ digest, manifest: expect.stringContaining('config'), mediaType: undefined });
    expect(asked).toEqual([{
      operation: 'AmazonEC2ContainerRegistry_V20150921.BatchGetImage', registryId: '111122223333', repositoryName: 'team/web', imageIds: [{ imageDigest: digest }],
      acceptedMediaTypes: [
        'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
        'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
      ],
    }]);
  });

  test('by its tag', async () => {
    const digest = put({ a: 1 }, 'web');
    expect(await findImage(ecr, 'web')).toMatchObject({ digest });
    expect(asked[0]).toMatchObject({ imageIds: [{ imageTag: 'web' }] });
  });

  test.each<[string, object]>([
    ['ECR reports that', { failures: [{ failureCode: 'ImageNotFound' }] }], ['ECR returns nothing', {}], ['there is no manifest', { images: [{ imageId: { imageDigest: digestOf('{}') } }] }],
    ['there is no digest', { images: [{ imageManifest: '{}' }] }], ['the digest is invalid', { images: [{ imageId: 'a', imageManifest: '{}' }] }],
  ])('and does not exist if %s', async (_, given) => {
    answer = given;
    expect(await findImage(ecr, 'web')).toBeUndefined();
    await expect(readImage(ecr, 'web')).rejects.toThrow(/^the image web is not in the repository; deploy again/);
  });

  test('and any other failure is reported', async () => {
    answer = { failures: [{ failureCode: 'Kms\nError' }] };
    await expect(findImage(ecr, 'web')).rejects.toThrow('ECR did not give the image web: Kms Error');
  });

  test.each([
    ['ImageInaccessible', 'it is archived: restore it in ECR'], ['KmsError', 'allow the role of the function to use the key'], ['UpstreamUnavailable', 'deploy again later'],
  ])('and the AWS error %s has a fix', async (failureCode, fix) => {
    answer = { failures: [{ failureCode }] };
    await expect(findImage(ecr, 'web')).rejects.toThrow(`ECR did not give the image web: ${failureCode}; ${fix}`);
  });

  test('and only an image with the requested digest is accepted', async () => {
    const [one, other] = [image('one'), image('other')];
    answer = { images: [stored.get(other)] };
    await expect(findImage(ecr, one)).rejects.toThrow(`ECR returned another image than ${one}`);
    answer = { images: [{ imageId: { imageDigest: one }, imageManifest: '{}' }] };
    await expect(findImage(ecr, 'web')).rejects.toThrow(`ECR returned a manifest that does not have the digest ${one}`);
  });

  test('with the media type that ECR returns, if there is one', async () => {
    const imageId = { imageDigest: digestOf('{}') };
    answer = { images: [{ imageId, imageManifest: '{}', imageManifestMediaType: OCI_INDEX }] };
    expect(await findImage(ecr, 'web')).toMatchObject({ mediaType: OCI_INDEX });
    answer = { images: [{ imageId, imageManifest: '{}', imageManifestMediaType: 7 }] };
    expect(await findImage(ecr, 'web')).toMatchObject({ mediaType: undefined });
  });

  test('and can have a manifest of 4 MiB', async () => {
    expect(await findImage(ecr, put(`"${'x'.repeat(4 * MIB - 2)}"`))).toBeDefined();
    const large = put(`"${'x'.repeat(4 * MIB - 1)}"`);
    await expect(findImage(ecr, large)).rejects.toThrow(`the manifest of ${large} is larger than 4194304 bytes`);
  });
});

describe('the kind of a manifest', () => {
  const read = (json: object, mediaType?: string, listedAs?: string) => manifestOf({ digest: 'sha256:1', manifest: JSON.stringify(json), mediaType }, listedAs).kind;

  test.each<[object, string | undefined, string | undefined, string | undefined]>([
    [{ layers: [] }, undefined, undefined, 'image'], [{ manifests: [] }, undefined, undefined, 'index'], [{}, OCI_INDEX, undefined, 'index'], [{}, undefined, OCI_INDEX, 'index'],
    [{}, undefined, undefined, undefined], [{ layers: [] }, OCI_MANIFEST, OCI_MANIFEST, 'image'],
  ])('%j of type %p, listed as %p, is %p', (json, mediaType, listedAs, kind) => {
    expect(read(json, mediaType, listedAs)).toBe(kind);
  });

  test.each<[object, string | undefined, string | undefined]>([
    [{ layers: [] }, OCI_INDEX, undefined], [{ layers: [] }, undefined, OCI_INDEX], [{ layers: [], manifests: [] }, undefined, undefined],
  ])(
    '%j of type %p, listed as %p, is ambiguous', (json, mediaType, listedAs) => {
      expect(() => read(json, mediaType, listedAs)).toThrow(AmbiguousManifestError);
      expect(() => read(json, mediaType, listedAs)).toThrow(/^the manifest .+ \(sha256:1\); build the image again$/);
    });
});

describe('what can run in an index is', () => {
  test('each of its images, with its platform', async () => {
    const [a, b] = [image('a'), image('b')];
    const arm64 = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    expect(await runnable(index(entry(a), entry(b, { platform: arm64 }), entry(a, { platform: undefined })))).toEqual([
      { digest: a, platform: 'linux/amd64', hasForeignLayers: false },
      { digest: b, platform: 'linux/arm64/v8', hasForeignLayers: false },
      { digest: a, platform: 'an unnamed platform', hasForeignLayers: false },
    ]);
  });

  test('each image of its nested indexes', async () => {
    const [a, b] = [image('a'), image('b')];
    expect((await runnable(index(entry(index(entry(a)), { mediaType: OCI_INDEX }), entry(b)))).map(({ digest }) => digest)).toEqual([b, a]);
  });

  test('an artifact of unknown type, too', async () => {
    const artifact = put({ blobs: [] });
    expect(await runnable(index(entry(artifact, { mediaType: 'application/vnd.example' })))).toMatchObject([{ digest: artifact }]);
  });

  test('not an attestation, whatever its other properties say', async () => {
    const [a, statement] = [image('a'), image('statement', [IN_TOTO, IN_TOTO])];
    expect(await runnable(index(entry(a), entry(statement, { platform: UNKNOWN })))).toMatchObject([{ digest: a }]);
    for (const platform of [AMD64, { ...UNKNOWN, os: 'linux' }, { ...UNKNOWN, architecture: 'amd64' }, undefined, 'unknown']) {
      expect(await runnable(index(entry(a), entry(statement, { platform })))).toMatchObject([{ digest: a }, { digest: statement }]);
    }
    for (const layers of [[], [IN_TOTO, {}], [{ mediaType: ' application/vnd.in-toto' }]]) {
      expect(await runnable(index(entry(a), entry(image('x', layers), { platform: UNKNOWN })))).toHaveLength(2);
    }
  });

  test('an error if there is nothing', async () => {
    const none = index();
    await expect(runnable(none)).rejects.toThrow(`the index ${none} has no image that can run`);
    await expect(runnable(index(entry(image('statement', [IN_TOTO]), { platform: UNKNOWN })))).rejects.toThrow('has no image that can run');
    await expect(runnable(put({ mediaType: OCI_INDEX, manifests: 'x' }))).rejects.toThrow('has no image that can run');
  });
});

test('a single-platform image can always run', async () => {
  for (const digest of [image('a'), put({})]) expect(await runnable(digest)).toEqual([{ digest, hasForeignLayers: false }]);
});

test.each(['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'])('foreign layers are detected: %s', async mediaType => {
  const foreign = image('a', [{ mediaType: 'application/vnd.oci.image.layer.v1.tar' }, { mediaType }]);
  expect(await runnable(foreign)).toMatchObject([{ hasForeignLayers: true }]);
  expect(await runnable(index(entry(foreign)))).toMatchObject([{ hasForeignLayers: true }]);
  expect(await runnable(image('b', [{ mediaType: `x${mediaType}` }]))).toMatchObject([{ hasForeignLayers: false }]);
});

describe('an index is rejected', () => {
  test.each([undefined, 'tag', 'sha256:1', `sha256:${'A'.repeat(64)}`, `x${digestOf('')}`, `${digestOf('')}x`])('with an entry without a digest (%p), which is never requested', async digest => {
    const bad = index(entry(image('a')), { ...entry(''), digest });
    await expect(runnable(bad)).rejects.toThrow(`the index ${bad} lists something without a digest`);
    expect(asked).toHaveLength(1);
  });

  test.each([null, 'a', 7, [[]]])('with an invalid entry: %j', async item => {
    await expect(runnable(index(item))).rejects.toThrow('lists something without a digest');
  });

  test('below eight levels', async () => {
    const nested = (levels: number): string => levels === 0 ? image('a') : index(entry(nested(levels - 1), { mediaType: undefined }));
    expect(await runnable(nested(8))).toHaveLength(1);
    await expect(runnable(nested(9))).rejects.toThrow('indexes are nested deeper than 8 levels');
  });

  test('with more than a thousand entries, including those of nested indexes', async () => {
    const many = (count: number) => Array.from({ length: count }, () => entry(image('a')));
    expect(await runnable(index(...many(1000)))).toHaveLength(1);
    await expect(runnable(index(...many(1001)))).rejects.toThrow('has more than 1000 manifests');
    expect(await runnable(index(entry(index(...many(999)), { mediaType: OCI_INDEX })))).toHaveLength(1);
    await expect(runnable(index(entry(index(...many(1000)), { mediaType: OCI_INDEX })))).rejects.toThrow('has more than 1000 manifests');
    await expect(runnable(index(entry(index(...many(1001)), { mediaType: OCI_INDEX })))).rejects.toThrow('has more than 1000 manifests');
  });
});

test('a repeated entry is not read again, unless it differs', async () => {
  const a = image('a');
  expect(await runnable(index(entry(a), entry(a), entry(a, { size: 7 }), entry(a, { platform: { os: 'linux', architecture: 'arm64' } })))).toHaveLength(2);
  expect(asked).toHaveLength(3);
});

test.each([
  [AMD64, 'linux/amd64'], [{ os: 'linux' }, 'linux'], [{}, 'an unnamed platform'], [undefined, 'an unnamed platform'], ['linux', 'an unnamed platform'],
  [{ os: 7, architecture: 'arm64\n' }, 'arm64'], [{ os: 'o'.repeat(30) }, `${'o'.repeat(17)}…`],
])('the platform %j is shown as %s', (platform, name) => {
  expect(platformName(platform)).toBe(name);
});

test('an index with manifests of more than 32 MiB is rejected', async () => {
  const large = (at: number) => entry(put({ layers: [], annotations: { a: `${at}`.repeat(4 * MIB - 40) } }));
  expect(await runnable(index(...[1, 2, 3, 4, 5, 6, 7].map(large)))).toHaveLength(7);
  await expect(runnable(index(...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(large)))).rejects.toThrow('are larger than 33554432 bytes');
});
