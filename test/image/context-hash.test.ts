import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, AssetStaging, DockerBuildSecret, Stack } from 'aws-cdk-lib';
import { DockerImageAsset, NetworkMode, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageRepository, ImageSource } from '../../src';
import { ImageSourceDirectoryOptions } from '../../src/image/image-source-config';
import { readBuildContext, UnreadableFile } from '../../src/image/sources/build-context';
import { ContextDetails } from '../../src/image/sources/context-details';
import { contextPatterns } from '../../src/image/sources/context-patterns';
import { appWith, DOCKERFILE, folderOf, publish, toldIn, Tree, treeOf } from '../helpers/build-context';
import { newStack } from '../helpers/stack';

function hashOf(directory: string, options?: ImageSourceDirectoryOptions): string {
  AssetStaging.clearAssetHashCache();
  return publish(directory, options).hashes[0];
}

const CONTEXT: Tree = { 'run.sh': 'echo hello\n', 'conf/app.json': '{}', 'link': { to: 'run.sh' }, 'data.bin': '\0\u0001' };
const AROUND: Tree = { 'other/lib.js': 'lib', 'docker/Dockerfile': DOCKERFILE };

/** Changes of an app. Each of them changes the image. */
const CHANGES: [string, (app: string) => void, ImageSourceDirectoryOptions?, Tree?][] = [
  ['a file becomes executable', app => fs.chmodSync(path.join(app, 'run.sh'), 0o755)],
  ['a file becomes unreadable for others', app => fs.chmodSync(path.join(app, 'run.sh'), 0o600)],
  ['a file becomes read-only', app => fs.chmodSync(path.join(app, 'run.sh'), 0o444)],
  ['a file gets the setuid bit', app => fs.chmodSync(path.join(app, 'run.sh'), 0o4755)],
  ['a directory becomes unreadable for others', app => fs.chmodSync(path.join(app, 'conf'), 0o700)],
  ['a directory becomes writable for all', app => fs.chmodSync(path.join(app, 'conf'), 0o1777)],
  ['a link leads to another file', app => { fs.rmSync(path.join(app, 'link')); fs.symlinkSync('data.bin', path.join(app, 'link')); }],
  ['an empty directory appears', app => fs.mkdirSync(path.join(app, 'conf', 'empty'))],
  ['line endings change', app => fs.writeFileSync(path.join(app, 'run.sh'), 'echo hello\r\n')],
  ['bytes that are no text change', app => fs.writeFileSync(path.join(app, 'run.sh'), Buffer.from([0xe8, 0xe9])), undefined, { 'run.sh': null }],
  ['a file changes', app => fs.writeFileSync(path.join(app, 'conf', 'app.json'), '{ }')],
  ['a file is renamed', app => fs.renameSync(path.join(app, 'run.sh'), path.join(app, 'start.sh'))],
  ['the Dockerfile changes', app => fs.appendFileSync(path.join(app, 'Dockerfile'), 'LABEL a=b\n')],
  ['the Dockerfile in an ignored directory changes', app => fs.writeFileSync(path.join(app, 'docker', 'Dockerfile'), 'FROM scratch\n'), { file: 'docker/Dockerfile' }, {
    'docker/Dockerfile': DOCKERFILE, '.dockerignore': '*\n!run.sh\n',
  }],
  ['the Dockerfile outside of the directory changes', app => fs.appendFileSync(path.join(app, '../docker/Dockerfile'), 'LABEL a=b\n'), { file: '../docker/Dockerfile' }],
  ['the ignore file of a Dockerfile outside of the directory appears', app => fs.writeFileSync(path.join(app, '../docker/Dockerfile.dockerignore'), 'conf\n'), { file: '../docker/Dockerfile' }],
  ['the ignore file changes', app => fs.writeFileSync(path.join(app, '.dockerignore'), 'nothing\n')],
  ['the ignore file of the Dockerfile changes', app => fs.writeFileSync(path.join(app, 'Dockerfile.dockerignore'), 'nothing\n')],
  ['a file in a local build context changes', app => fs.writeFileSync(path.join(app, '../other/lib.js'), 'new'), { buildContexts: { extra: '../other' } }],
  ['a file in a local build context becomes executable', app => fs.chmodSync(path.join(app, '../other/lib.js'), 0o755), { buildContexts: { extra: '../other' } }],
  ['a file in a local build context inside of the directory changes', app => fs.writeFileSync(path.join(app, 'conf/app.json'), 'new'), { buildContexts: { extra: './conf' } }, { '.dockerignore': 'conf\n' }],
];

describe('the image is rebuilt if', () => {
  test.each(CHANGES.map(([name, change, options = {}, tree = {}]) => ({ name, change, options, tree })))('$name', ({ change, options, tree }) => {
    const given = Object.fromEntries(Object.entries(tree).filter(([, content]) => content !== null));
    const app = appWith({ ...CONTEXT, ...given }, AROUND);
    if (Object.values(tree).includes(null)) fs.writeFileSync(path.join(app, 'run.sh'), Buffer.from([0xe9, 0xe8]));
    const before = hashOf(app, options);
    change(app);

    expect(hashOf(app, options)).not.toBe(before);
  });

  test.each<[string, ImageSourceDirectoryOptions]>([
    ['a build argument', { buildArgs: { A: 'b' } }], ['the target', { target: 'web' }], ['the platform', { platform: Platform.LINUX_ARM64 }],
    ['the network of the build', { networkMode: NetworkMode.HOST }], ['extraHash', { extraHash: 'x' }], ['another image as a build context', { buildContexts: { a: 'docker-image://b' } }],
  ])('an option changes: %s', (_, options) => {
    const app = appWith(CONTEXT);

    expect(hashOf(app, options)).not.toBe(hashOf(app));
  });
});

describe('the image is not rebuilt if', () => {
  test.each<[string, (app: string) => void]>([
    ['the group may write, as with another umask', app => {
      fs.chmodSync(path.join(app, 'run.sh'), 0o664);
      fs.chmodSync(path.join(app, 'conf'), 0o775);
    }],
    ['only times change', app => fs.utimesSync(path.join(app, 'run.sh'), 1, 1)],
    ['a pipe appears, which CDK does not copy', app => fs.renameSync(path.join(folderOf({ pipe: null }), 'pipe'), path.join(app, 'pipe'))],
  ])('%s', (_, change) => {
    const app = appWith(CONTEXT);
    const before = hashOf(app);
    change(app);

    expect(hashOf(app)).toBe(before);
  });

  test.each<[string, ImageSourceDirectoryOptions]>([
    ['cacheFrom', { cacheFrom: [{ type: 'registry', params: { ref: 'x' } }] }], ['cacheTo', { cacheTo: { type: 'inline' } }], ['cacheDisabled', { cacheDisabled: true }],
    ['displayName', { displayName: 'the web server' }], ['assetName', { assetName: 'web' }], ['followSymlinks, its default', { followSymlinks: undefined }],
  ])('an option changes that does not affect the image: %s', (_, options) => {
    const app = appWith(CONTEXT);

    expect(hashOf(app, options)).toBe(hashOf(app));
  });

  test('an ignored file appears', () => {
    const app = appWith({ ...CONTEXT, '.dockerignore': 'ignored\n' });
    const before = hashOf(app);
    fs.mkdirSync(path.join(app, 'ignored'));
    fs.writeFileSync(path.join(app, 'ignored', 'run.sh'), 'x', { mode: 0o755 });

    expect(hashOf(app)).toBe(before);
  });

  test.each<[string, (app: string) => ImageSourceDirectoryOptions]>([
    ['with all details', () => ({})],
    ['with a local build context', () => ({ buildContexts: { extra: '../other' } })],
    ['with a local build context by its full path', app => ({ buildContexts: { extra: path.join(app, '../other') } })],
    ['with a Dockerfile outside', () => ({ file: '../docker/Dockerfile' })],
    ['with a Dockerfile outside by its full path', app => ({ file: path.join(app, '../docker/Dockerfile') })],
    ['with a Dockerfile by its full path', app => ({ file: path.join(app, 'Dockerfile') })],
    ['with a build secret by its full path', app => ({ buildSecrets: { token: DockerBuildSecret.fromSrc(path.join(app, 'token.txt')) } })],
  ])('the same tree is moved, %s', (_, options) => {
    const [here, there] = [1, 2].map(() => {
      const app = appWith({ ...CONTEXT, 'crlf.txt': 'a\r\n' }, AROUND);
      fs.chmodSync(path.join(app, 'run.sh'), 0o755);
      fs.mkdirSync(path.join(app, 'empty'));
      return { hash: hashOf(app, options(app)), id: new ImageRepository(newStack(), 'Repository').buildAndPushImage(app, options(app)).imageTagPrefix };
    });

    expect(there).toEqual(here);
  });
});

test('a tree without such details has the same hash as in CDK', () => {
  const app = appWith({ ...CONTEXT, 'utf8.txt': 'é'.repeat(10), 'late.bin': `${'x'.repeat(9000)}\0` });

  expect(hashOf(app)).toBe(new DockerImageAsset(newStack(), 'Asset', { directory: app, platform: Platform.LINUX_AMD64 }).assetHash);
});

test('permissions are ignored on Windows, which has none', () => {
  const app = appWith(CONTEXT);
  fs.chmodSync(path.join(app, 'run.sh'), 0o755);
  fs.chmodSync(path.join(app, 'conf'), 0o700);
  const { platform } = process;
  Object.defineProperty(process, 'platform', { value: 'win32' });
  try {
    expect(hashOf(app)).toBe(new DockerImageAsset(newStack(), 'Asset', { directory: app, platform: Platform.LINUX_AMD64 }).assetHash);
  } finally {
    Object.defineProperty(process, 'platform', { value: platform });
  }
});

test('an unreadable file is named in the error, unless it is ignored', () => {
  const app = appWith({ ...CONTEXT, '.dockerignore': 'closed.txt\n', 'closed.txt': 'x', 'deep/closed.txt': 'x' });
  for (const folder of [os.tmpdir(), path.dirname(app), app]) fs.chmodSync(folder, 0o755);
  for (const file of ['closed.txt', 'deep/closed.txt']) fs.chmodSync(path.join(app, file), 0);
  const { ignore } = contextPatterns(newStack(), app, { exclude: [], file: 'Dockerfile' });
  const isRoot = process.geteuid?.() === 0;
  try {
    if (isRoot) process.seteuid?.(65534);
    expect(() => readBuildContext(app, { ignore, withDetails: true })).toThrow(new UnreadableFile('deep/closed.txt'));
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

describe('the build receives', () => {
  test('the permissions of files and directories', () => {
    const app = appWith(CONTEXT);
    fs.chmodSync(path.join(app, 'run.sh'), 0o4755);
    fs.chmodSync(path.join(app, 'conf'), 0o1777);
    const { staged: [staged] } = publish(app);

    expect(['run.sh', 'conf', 'conf/app.json'].map(place => fs.statSync(path.join(staged, place)).mode.toString(8).slice(-4))).toEqual(['4755', '1777', '0644']);
  });

  test('the setuid bit of a file, which a copy by a user other than root has lost', () => {
    const [directory, staged] = [folderOf({ 'run.sh': '' }), folderOf({ 'run.sh': '' })];
    fs.chmodSync(path.join(directory, 'run.sh'), 0o4755);
    fs.chmodSync(path.join(staged, 'run.sh'), 0o755);
    const details = new ContextDetails();
    details.addFile('run.sh', path.join(directory, 'run.sh'));
    details.apply(staged);

    expect(fs.statSync(path.join(staged, 'run.sh')).mode.toString(8).slice(-4)).toBe('4755');
  });

  test('a local build context next to its directory', () => {
    const app = appWith(CONTEXT, { 'other/lib.js': 'lib', 'other/notes.txt': 'notes', 'other/.dockerignore': 'notes.txt\n', 'other/out': { to: '../secret.txt' } });
    const { staged: [staged], stack } = publish(app, { buildContexts: { extra: '../other', image: 'docker-image://busybox', layout: 'oci-layout://../other:v1' } });
    const { extra, layout, image } = buildContextsOf(stack);

    expect(treeOf(path.resolve(staged, extra))).toEqual({ 'lib.js': 'lib', '.dockerignore': 'notes.txt\n', 'out': { to: '../secret.txt' } });
    expect(image).toBe('docker-image://busybox');
    expect(layout).toBe(`oci-layout://${extra}:v1`);
  });

  test('a Dockerfile outside of its directory, in a stack and in a nested one, and nothing of it in the context', () => {
    const app = appWith(CONTEXT, { 'docker/Dockerfile': 'FROM scratch\n', 'docker/Dockerfile.dockerignore': 'conf\n' });
    fs.rmSync(path.join(app, 'Dockerfile'));
    const { staged: [staged], stack } = publish(app, { file: '../docker/Dockerfile' });
    const { dockerFile } = sourceOf(stack);

    expect(fs.readFileSync(path.resolve(staged, dockerFile), 'utf8')).toBe('FROM scratch\n');
    expect(fs.readFileSync(`${path.resolve(staged, dockerFile)}.dockerignore`, 'utf8')).toBe('conf\n');
    expect(Object.keys(treeOf(staged)).sort()).toEqual(['data.bin', 'link', 'run.sh']);
    expect(Object.getOwnPropertyNames(stack.synthesizer)).not.toContain('addDockerImageAsset');
  });

  test('its own directories if CDK stages nothing', () => {
    const app = appWith(CONTEXT, AROUND);
    const stack = new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Stack');
    new ImageRepository(stack, 'Repository').publish('web', ImageSource.directory(app, { file: '../docker/Dockerfile', buildContexts: { extra: '../other' } }));

    expect(sourceOf(stack)).toMatchObject({ dockerFile: path.join(app, '../docker/Dockerfile'), dockerBuildContexts: { extra: path.join(app, '../other') } });
    expect(fs.existsSync(path.join(app, '../docker/Dockerfile'))).toBe(true);
  });
});

test('a local build context that does not exist causes a warning', () => {
  const { stack } = publish(appWith(CONTEXT), { buildContexts: { extra: '../nothing-is-here' } });

  expect(toldIn(stack)).toEqual([expect.objectContaining({
    id: 'missingBuildContext', text: expect.stringContaining('The build context "extra" is the directory "../nothing-is-here", which does not exist.'),
  })]);
});

test('secrets in a local build context cause a warning', () => {
  const { stack } = publish(appWith(CONTEXT, { 'other/.env': 'PASSWORD=x' }), { buildContexts: { extra: '../other' } });

  expect(toldIn(stack).map(({ id }) => id)).toEqual(['secretFiles']);
});

function sourceOf(stack: Stack): { dockerFile: string; dockerBuildContexts: { [name: string]: string } } {
  const { directory } = (stack.node.root as App).synth();
  const { dockerImages } = JSON.parse(fs.readFileSync(path.join(directory, 'Stack.assets.json'), 'utf8'));
  return Object.values<{ source: never }>(dockerImages)[0].source;
}

function buildContextsOf(stack: Stack) {
  return sourceOf(stack).dockerBuildContexts;
}
