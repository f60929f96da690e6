import { TestRegistry } from '../helpers/registry';
import { describeBytes } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { Registries } from '../helpers/registry-copy';
import { TestImage, image, index, layer, manifest, sha256 } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

let clock: TestClock;
let source: TestRegistry;
let destination: TestRegistry;

beforeEach(async () => {
  clock = new TestClock();
  [source, destination] = [await registries.start(), await registries.start()];
});

const copy = async (to: TestRegistry, what: TestImage) => registries.copy(source.add('assets', what, 'abc'), to, { clock });

describe('nondistributable layers', () => {
  const [base, app] = [layer('windows base'), layer('windows app')];
  const config = Buffer.from('{"architecture":"amd64","os":"windows"}');
  const foreign = (type: string) => manifest('application/vnd.docker.distribution.manifest.v2+json', {
    config: describeBytes('application/vnd.docker.container.image.v1+json', config),
    layers: [{ ...describeBytes(type, base), urls: ['https://evil.example/layer'] }, describeBytes('application/vnd.docker.image.rootfs.diff.tar.gzip', app)],
  }, [config, app, base]);
  const TYPES = [
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', 'application/vnd.oci.image.layer.nondistributable.v1.tar',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', 'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  ];
  const MANY = Array.from({ length: 21 }, (_, at) => describeBytes(TYPES[1], Buffer.from(`missing ${at}`)));
  const lackingMany = (count: number) => manifest('application/vnd.oci.image.manifest.v1+json', {
    config: describeBytes('application/vnd.oci.image.config.v1+json', config), layers: MANY.slice(0, count),
  }, [config]);
  const held = () => destination.repository('team/web');

  test.each(TYPES)('are copied if the source has them: %s', async type => {
    const result = await copy(destination, foreign(type));

    expect(result).toMatchObject({ streamed: 3 });
    expect(result).not.toHaveProperty('leftOut');
    expect(held().blob(sha256(base))).toEqual(base);
  });

  test.each(TYPES)('are reported if the source does not have them: %s', async type => {
    const what = foreign(type);
    const reference = source.add('assets', { ...what, blobs: [config, app] }, 'abc');

    await expect(registries.copy(reference, destination, { clock })).resolves.toMatchObject({
      digest: what.digest, streamed: 2, leftOut: `1 nondistributable layers that the source does not hold: ${sha256(base)}`,
    });
  });

  test('are mounted within one registry, and missing ones do not stop the mounting of others', async () => {
    const what = foreign(TYPES[0]);
    await expect(registries.copy(destination.add('assets', what, 'abc'), destination, { clock })).resolves.toMatchObject({ mounted: 3 });

    const other = await registries.start();
    const lacking = other.add('assets', { ...what, blobs: [config, app] }, 'abc');
    await expect(registries.copy(lacking, other, { clock })).resolves.toMatchObject({ mounted: 2, streamed: 0 });
  });

  test('count as existing if the destination has them', async () => {
    const what = foreign(TYPES[0]);
    held().keep(base, sha256(base));

    await expect(registries.copy(source.add('assets', { ...what, blobs: [config, app] }, 'abc'), destination, { clock }))
      .resolves.toMatchObject({ existing: 1, streamed: 2 });
  });

  test('cause no request if there are none', async () => {
    await copy(destination, index([image('web')]));
    expect(source.count('HEAD blob')).toBe(0);
  });

  test('are all counted, and at most twenty are named', async () => {
    const report = async (count: number) => (await copy(destination, lackingMany(count))).leftOut;

    expect(await report(20)).toMatch(/^20 nondistributable layers that the source does not hold: (?:sha256:\w{64}, ){19}sha256:\w{64}$/);
    expect(await report(21)).toMatch(/^21 nondistributable layers that the source does not hold: (?:sha256:\w{64}, ){20}…$/);
  });

  const answering = async (status: number) => {
    const what = foreign(TYPES[0]);
    const [origin] = [await registries.start({ change: ({ reference }, answer) => reference === sha256(base) ? { status } : answer })];
    return registries.copy(origin.add('assets', what, 'abc'), destination, { clock });
  };

  test.each([400, 401, 403, 404, 405, 451, 499])('are missing if the source answers %i', async status => {
    await expect(answering(status)).resolves.toMatchObject({ leftOut: `1 nondistributable layers that the source does not hold: ${sha256(base)}` });
  });

  test.each([500, 503])('fail the copy if the source answers %i, because it may have them', async status => {
    await expect(answering(status)).rejects.toThrow(new RegExp(`^could not look up the blob from the source \\S+@${sha256(base)}: the registry answered ${status}`));
  });

  test('fail the copy if the connection breaks off', async () => {
    source.fail('HEAD blob', 'reset', { times: 99 });
    await expect(copy(destination, foreign(TYPES[0]))).rejects.toThrow(/^could not look up the blob from the source .*tried 6 times/);
  });
});
