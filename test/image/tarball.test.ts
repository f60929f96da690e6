import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, AssetStaging, Stack, Stage } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageRepository, ImageSource, PublishedImage, ImageSourceTarballOptions } from '../../src';
import { archiveOf, dockerArchive, dockerFiles, gzipped, idOf, indexOf, manifestOf, ociFiles, TestImage } from '../helpers/image-archive';
import { newStack } from '../helpers/stack';

interface Result {
  readonly image: PublishedImage;
  /** The command of the CDK CLI, and its working directory. */
  readonly command: string[];
  readonly directory: string;
  readonly hash: string;
}

function publish(file: string, options?: ImageSourceTarballOptions, scope: Stack = newStack()): Result {
  const image = new ImageRepository(scope, 'Repository').publish('web', ImageSource.tarball(file, options));
  const { directory } = (Stage.of(scope) as Stage).synth();
  const manifest = fs.readdirSync(directory).filter(name => name.endsWith('.assets.json'))
    .map(name => JSON.parse(fs.readFileSync(path.join(directory, name), 'utf8'))).find(({ dockerImages = {} }) => Object.keys(dockerImages).length > 0);
  const [[hash, { source: { executable } }]] = Object.entries<{ source: { executable: string[] } }>(manifest.dockerImages);
  return { image, command: executable, directory, hash };
}

/**
 * Runs the command like the CDK CLI, with a fake Docker.
 *
 * @param known the images that the fake finds after it has loaded the archive
 * @param output what the fake prints when it loads the archive
 */
function load({ command: [shell, ...args], directory }: Result, known: string[], output: string): { image: string; archive: string } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'my docker-'));
  const program = path.join(folder, 'docker');
  fs.writeFileSync(program, `#!/bin/sh
if [ "$1" = load ]; then cp "$3" "${folder}/loaded"; printf '${output}'; exit; fi
case "$3" in ${known.join(' | ') || 'none'}) exit ;; *) exit 1 ;; esac
`, { mode: 0o755 });
  const image = execFileSync(shell, args, { cwd: directory, encoding: 'utf8', env: { ...process.env, CDK_DOCKER: program }, stdio: 'pipe' });
  return { image: image.trim(), archive: path.join(folder, 'loaded') };
}

const tarList = (file: string) => execFileSync('tar', ['tf', file], { encoding: 'utf8' }).trim().split('\n');
const tarText = (file: string, name: string) => execFileSync('tar', ['xOf', file, name], { encoding: 'utf8' });

const one: TestImage = { names: ['one:latest'], text: 'one' };
const two: TestImage = { names: ['two:latest'], text: 'two', architecture: 'arm64' };

describe('an archive with one image', () => {
  test.each<[string, () => string]>([
    ['of docker save', () => dockerArchive(one)],
    ['with several names', () => dockerArchive({ ...one, names: ['one:latest', 'one:v1'] })],
    ['in the format of Docker and OCI, which Docker 25 writes', () => archiveOf({ ...ociFiles(manifestOf(one)), ...dockerFiles(one) })],
    ['compressed with gzip', () => gzipped(dockerArchive(one))],
    ['whose files begin with ./', () => archiveOf(Object.fromEntries(Object.entries(dockerFiles(one)).map(([name, text]) => [`./${name}`, text])))],
  ])('%s is loaded unchanged, and found by its ID', (_, archive) => {
    const file = archive();
    const result = publish(file);

    expect(result.image.platforms).toEqual(['linux/amd64']);
    const loaded = load(result, [idOf(one)], 'Loaded image: other:latest\\n');
    expect(loaded.image).toBe(idOf(one));
    expect(fs.readFileSync(loaded.archive).equals(fs.readFileSync(file))).toBe(true);
  });

  test('is found by its name if its ID differs, as in the containerd image store', () => {
    expect(load(publish(dockerArchive(one)), ['one:latest'], 'Loaded image: other:latest\\n').image).toBe('one:latest');
  });

  test.each<[string, string, string]>([
    ['Docker', 'Loaded image ID: sha256:abc\\n', 'sha256:abc'],
    ['Podman', 'Loaded image: localhost/web:v1\\n', 'localhost/web:v1'],
    ['an old Podman', 'Loaded image(s): localhost/web:v1\\n', 'localhost/web:v1'],
    ['nerdctl', 'unpacking docker.io/library/web:v1 (sha256:abc)...\\nLoaded image: docker.io/library/web:v1\\n', 'docker.io/library/web:v1'],
  ])('without a name is found by the output of %s', (_, output, image) => {
    expect(load(publish(dockerArchive({ text: 'one' })), [], output).image).toBe(image);
  });

  test.each(['Loaded image: one:latest\\nLoaded image: two:latest\\n', 'Loaded image(s): one:latest,two:latest\\n', 'nothing is known\\n', ''])(
    'fails the deployment instead of publishing another image if the program prints %j', output => {
      expect(() => load(publish(dockerArchive({ text: 'one' })), [], output)).toThrow('The archive must have exactly one image');
    },
  );

  test.each<[TestImage, string]>([
    [{ architecture: 'arm64', variant: 'v8' }, 'linux/arm64'], [{ architecture: 'aarch64' }, 'linux/arm64'], [{ architecture: 'x86_64' }, 'linux/amd64'],
    [{ architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'], [{ os: 'windows' }, 'windows/amd64'],
  ])('has the platform %j', (image, platform) => {
    expect(publish(dockerArchive(image)).image.platform).toBe(platform);
  });

  test('without an architecture has the platform of the options', () => {
    expect(publish(dockerArchive({ architecture: '' })).image.platform).toBeUndefined();
    expect(publish(dockerArchive({ architecture: '' }), { platform: Platform.LINUX_ARM64 }).image.platform).toBe('linux/arm64');
  });
});

describe('an archive with several images', () => {
  const both = () => dockerArchive(one, two);

  test('needs a selection, because Docker would use the one that it loads last', () => {
    expect(() => publish(both())).toThrow(
      "Stack/Repository/Images/web: 'image' must choose one of the images in the archive, got undefined. "
      + 'Write ImageSource.tarball(file, { image }) with one of these: one:latest (linux/amd64), two:latest (linux/arm64).',
    );
  });

  test.each(['one:latest', 'one', 'docker.io/library/one:latest', 'localhost/one', idOf(one), idOf(one).slice(7, 19)])('publishes the image that you select with %j', image => {
    const result = publish(both(), { image });
    const { image: printed, archive } = load(result, [idOf(one)], 'Loaded image: two:latest\\n');

    expect(result.image.platforms).toEqual(['linux/amd64']);
    expect(printed).toBe(idOf(one));
    const [entry, ...others] = JSON.parse(tarText(archive, 'manifest.json'));
    expect(others).toEqual([]);
    expect(tarText(archive, entry.Layers[0])).toBe('one');
    expect(entry.RepoTags).toEqual([expect.stringMatching(/^cdk-container-delivery\/tarball:[0-9a-f]{24}$/)]);
    expect(load(result, entry.RepoTags, '').image).toBe(entry.RepoTags[0]);
  });

  test('has another asset hash for another image, and the same hash for the same image', () => {
    const [first, second] = ['one', 'two'].map(image => publish(both(), { image }).hash);

    expect(first).not.toBe(second);
    expect(publish(dockerArchive({ ...one, names: ['other:v1'] }, { names: ['third:latest'], text: 'third' }), { image: 'other:v1' }).hash).toBe(first);
  });

  test('has no image with a number beyond the last', () => {
    expect(() => publish(both(), { image: 'three' })).toThrow(
      "'image' must be an image in the archive, got \"three\". Use one of these: one:latest (linux/amd64), two:latest (linux/arm64).",
    );
  });

  test('can be selected by platform if only one image has it', () => {
    expect(publish(both(), { platform: Platform.LINUX_ARM64 }).image.platform).toBe('linux/arm64');
    expect(() => publish(both(), { image: 'one', platform: Platform.LINUX_ARM64 })).toThrow("'platform' must be a platform in the archive, got \"linux/arm64\"");
  });

  test('that are the same image is an archive with one image', () => {
    expect(publish(dockerArchive(one, { ...one, names: ['one:v1'] })).command).toEqual(expect.arrayContaining(['one:latest', 'one:v1']));
  });
});

describe('an OCI archive', () => {
  const statement = () => manifestOf({ os: 'unknown', architecture: 'unknown', text: 'statement' }, {
    platform: { os: 'unknown', architecture: 'unknown' }, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  });
  const [amd64, arm64] = ['amd64', 'arm64'].map(architecture => ({ architecture, text: architecture }));

  test.each<[string, () => string]>([
    ['of Skopeo', () => archiveOf(ociFiles(manifestOf(one)))],
    ['without a name', () => archiveOf(ociFiles(manifestOf({ text: 'one' })))],
    ['of Buildx, with provenance', () => archiveOf(ociFiles(indexOf([manifestOf({ text: 'one' }), statement()])))],
    ['compressed with gzip', () => gzipped(archiveOf(ociFiles(manifestOf(one))))],
    ['with one platform in the archive', () => {
      const other = manifestOf(arm64);
      return archiveOf(ociFiles(indexOf([manifestOf({ text: 'one' }), { ...other, blobs: {} }])));
    }],
    ['with a signature', () => archiveOf(ociFiles(manifestOf(one), (() => {
      const { descriptor, blobs } = manifestOf({ text: 'signature' });
      return { descriptor, blobs: Object.fromEntries(Object.entries(blobs).map(([name, text]) => [name, text.replace('image.config', 'signature.config')])) };
    })()))],
  ])('%s is converted, so that every Docker can load it', (_, archive) => {
    const result = publish(archive());
    const { image, archive: loaded } = load(result, [idOf(one)], '');

    expect(image).toBe(idOf(one));
    expect(result.image.platforms).toEqual(['linux/amd64']);
    expect(tarList(loaded)).toEqual(['manifest.json', 'config.json', 'layer0.tar']);
    expect(tarText(loaded, 'layer0.tar')).toBe('one');
  });

  test('for several platforms needs a selection', () => {
    const file = archiveOf(ociFiles(indexOf([manifestOf(amd64), manifestOf(arm64), statement()])));

    expect(() => publish(file)).toThrow("'platform' must choose one of the platforms in the archive, got undefined. Write ImageSource.tarball(file, { platform })");
    expect(publish(file, { platform: Platform.LINUX_ARM64 }).command).toContain(idOf(arm64));
  });

  test('for several platforms can be published with all of them', () => {
    const file = archiveOf(ociFiles(indexOf([manifestOf(amd64), manifestOf(arm64)])));
    const image = new ImageRepository(newStack(), 'Repository').publish('web', ImageSource.platforms(
      [Platform.LINUX_AMD64, Platform.LINUX_ARM64].map(platform => ImageSource.tarball(file, { platform })),
    ));

    expect(image.platforms).toEqual(['linux/amd64', 'linux/arm64']);
  });
});

describe('in a stage, and in a nested one,', () => {
  test.each([['an unchanged image', () => dockerArchive(one)], ['an image that is converted', () => archiveOf(ociFiles(manifestOf(one)))]])('%s is found where the CDK CLI looks for it', (_, archive) => {
    const stage = new Stage(new Stage(new App(), 'Outer'), 'Inner');
    const result = publish(archive(), {}, new Stack(stage, 'Stack'));

    expect(path.basename(result.directory)).toMatch(/^assembly-/);
    expect(load(result, [idOf(one)], '').image).toBe(idOf(one));
  });
});

test('the file itself is loaded if CDK stages nothing', () => {
  const scope = new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Stack');

  expect(load(publish(dockerArchive(one), {}, scope), [idOf(one)], '').image).toBe(idOf(one));
});

test('an archive in a format that Node.js cannot read must have exactly one image when it is loaded', () => {
  const file = dockerArchive(one, two);
  execFileSync('xz', [file]);
  const result = publish(`${file}.xz`, { platform: Platform.LINUX_AMD64 });

  expect(result.image.platform).toBe('linux/amd64');
  expect(() => load(result, [], 'Loaded image: one:latest\\nLoaded image: two:latest\\n')).toThrow('exactly one image');
  expect(load(publish(`${file}.xz`, { image: 'one' }), ['one'], 'Loaded image: one:latest\\nLoaded image: two:latest\\n').image).toBe('one');
});

test('the hash of an archive that is loaded unchanged stays the hash of the file', () => {
  const file = dockerArchive(one);

  expect(publish(file).hash).toBe(new AssetStaging(newStack(), 'Asset', { sourcePath: file }).assetHash);
});

describe('an archive is rejected if it is', () => {
  test.each<[string, () => string, string]>([
    ['a text', () => path.join(__dirname, 'tarball.test.ts'), 'be an archive of images, but it is neither a tar archive nor a compressed one'],
    ['an empty file', () => { const file = dockerArchive(); fs.writeFileSync(file, ''); return file; }, 'be an archive of images, but it is neither a tar archive nor a compressed one'],
    ['an archive of docker export', () => archiveOf({ 'etc/passwd': 'root' }), 'be an archive of images, but it has the files of a container, but no image'],
    ['another archive', () => archiveOf({ 'readme.txt': 'hello' }), 'be an archive of images, but it has neither a manifest.json nor an index.json'],
    ['an archive that is cut off', () => { const file = dockerArchive(); fs.truncateSync(file, 1500); return file; }, 'be an archive of images, but it cannot be read: the end is missing'],
    ['a compressed archive that is cut off', () => { const file = gzipped(dockerArchive()); fs.truncateSync(file, 200); return file; }, 'be an archive of images, but it cannot be read: unexpected end of file'],
    ['an archive without a layer', () => archiveOf(Object.fromEntries(Object.entries(dockerFiles(one)).filter(([name]) => !name.endsWith('.tar')))), 'be an archive of images, but it names the file'],
    ['an archive with no image', () => archiveOf(ociFiles()), 'be an archive of images, but it has no image'],
    ['an archive with an invalid manifest.json', () => archiveOf({ 'manifest.json': 'x' }), 'be an archive of images, but a manifest in it is not JSON'],
  ])('%s', (_, file, message) => {
    expect(() => publish(file())).toThrow(`'tarballFile' must ${message}`);
  });

  test('a directory with an OCI image layout, and the message has the command that archives it', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layout-'));
    fs.writeFileSync(path.join(folder, 'index.json'), '{}');

    expect(() => publish(folder)).toThrow(`This directory is an OCI image layout. Write it into a file with: tar --create --file web.tar --directory ${folder} .`);
  });
});
