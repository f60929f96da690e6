import * as fs from 'fs';
import * as path from 'path';
import { AssetStaging } from 'aws-cdk-lib';
import { ImageRepository, ImageSource } from '../../src';
import { ImageSourceDirectoryOptions } from '../../src/image/image-source-config';
import { isOutside, pathIn, secretWithoutPlace, withSlashes } from '../../src/image/sources/portable-paths';
import { appWith, DOCKERFILE, publish, Tree } from '../helpers/build-context';
import { newStack } from '../helpers/stack';

const { win32, posix } = path;

function hashOf(directory: string, options?: ImageSourceDirectoryOptions): string {
  AssetStaging.clearAssetHashCache();
  return publish(directory, options).hashes[0];
}

describe('paths of Windows', () => {
  test('have slashes in hashes, IDs and patterns; on other systems, a backslash is an ordinary character', () => {
    expect(withSlashes('docker\\web\\Dockerfile', win32)).toBe('docker/web/Dockerfile');
    expect(withSlashes('docker\\Dockerfile', posix)).toBe('docker\\Dockerfile');
  });

  test.each([
    ['docker\\Dockerfile', 'docker/Dockerfile'], ['docker/Dockerfile', 'docker/Dockerfile'], ['..\\Dockerfile', '../Dockerfile'], ['Dockerfile', 'Dockerfile'],
    ['C:\\shop\\app\\docker\\Dockerfile', 'docker/Dockerfile'], ['c:\\shop\\app\\Dockerfile', 'Dockerfile'], ['C:\\shop\\Dockerfile', '../Dockerfile'], ['C:/shop/app/Dockerfile', 'Dockerfile'],
  ])('lead to the Dockerfile %s, with an upper- or lower-case drive letter', (file, place) => {
    expect(pathIn('C:\\shop\\app', file, () => true, win32)).toBe(place);
  });

  test.each([['..\\docker', true], ['../docker', true], ['..', true], ['a\\..\\..\\b', true], ['a/../../b', true], ['D:\\other', true], ['..config', false], ['a\\..\\b', false], ['docker/Dockerfile', false]])(
    '%s leads out of the folder: %s', (file, expected) => {
      expect(isOutside(file, win32)).toBe(expected);
    });

  test.each([
    ['type=file,src=C:\\Users\\me\\.npmrc', 'type=file,src=.npmrc'], ['src=secrets\\npmrc', 'src=secrets/npmrc'], ['type=env,env=TOKEN', 'type=env,env=TOKEN'],
    ['id=a,source=D:/keys/npmrc', 'id=a,source=npmrc'],
  ])('in the build secret %s are part of the hash without their folder', (value, counted) => {
    expect(secretWithoutPlace(value, win32)).toBe(counted);
  });
});

describe('paths of Linux and macOS', () => {
  test.each([['../docker', true], ['a/../../b', true], ['/other', true], ['..config', false], ['..\\docker', false]])('%s leads out of the folder: %s', (file, expected) => {
    expect(isOutside(file, posix)).toBe(expected);
  });

  test('can have backslashes if a file has such a name', () => {
    expect(pathIn('/app', 'a\\b', file => file === 'a\\b', posix)).toBe('a\\b');
    expect(pathIn('/app', 'a\\b', file => file === 'a/b', posix)).toBe('a/b');
    expect(pathIn('/app', 'a\\b', () => false, posix)).toBe('a\\b');
    expect(pathIn('/app', '/app/docker/Dockerfile', () => true, posix)).toBe('docker/Dockerfile');
  });

  test('in build secrets are treated like those of Windows', () => {
    expect(secretWithoutPlace('type=file,src=/home/me/.npmrc', posix)).toBe('type=file,src=.npmrc');
    expect(secretWithoutPlace('src=secrets/npmrc', posix)).toBe('src=secrets/npmrc');
  });
});

describe('a program that was written on Windows', () => {
  const tree: Tree = { 'docker/Dockerfile': DOCKERFILE, 'app.js': 'app' };

  test('gets the same hash and the same image ID for a Dockerfile with backslashes', () => {
    const app = appWith(tree);
    expect(hashOf(app, { file: 'docker\\Dockerfile' })).toBe(hashOf(app, { file: 'docker/Dockerfile' }));
    const [one, other] = ['docker\\Dockerfile', 'docker/Dockerfile'].map(file => publish(app, { file }).stack.node.findAll().map(({ node }) => node.path));
    expect(one).toEqual(other);
  });

  test('gets the same hash for a Dockerfile outside of the directory', () => {
    const app = appWith({ 'app.js': 'app', 'Dockerfile': DOCKERFILE }, { 'docker/Dockerfile': DOCKERFILE });
    expect(hashOf(app, { file: '..\\docker\\Dockerfile' })).toBe(hashOf(app, { file: '../docker/Dockerfile' }));
  });

  test('gets the same hash for another build context', () => {
    const app = appWith({ ...tree, Dockerfile: DOCKERFILE }, { 'libs/one/lib.js': 'lib' });
    expect(hashOf(app, { buildContexts: { libs: '..\\libs\\one' } })).toBe(hashOf(app, { buildContexts: { libs: '../libs/one' } }));
  });

  test('gets an error with the fix for a directory and for an archive', () => {
    const stack = newStack();
    for (const use of [
      () => new ImageRepository(stack, 'Repository').buildAndPushImage('..\\shop\\app'),
      () => new ImageRepository(stack, 'Other').publish('web', ImageSource.tarball('build\\web.tar')),
    ]) {
      expect(use).toThrow(/Write the path with "\/" or path\.join/);
    }
  });
});

describe('line endings', () => {
  const tree: Tree = { 'Dockerfile': DOCKERFILE, 'kept.js': 'kept', 'left/out.js': 'out', 'left/in.js': 'in' };
  const PATTERNS = ['left', '!left/in.js', '*.md'];

  test('of .dockerignore do not change which files are in the context', () => {
    const [unix, windows] = ['\n', '\r\n'].map(end => appWith({ ...tree, '.dockerignore': PATTERNS.join(end) + end }));
    // .dockerignore itself is part of the context.
    for (const app of [unix, windows]) fs.writeFileSync(path.join(app, 'left', 'out.js'), 'first');
    const before = [unix, windows].map(app => hashOf(app));
    for (const app of [unix, windows]) fs.writeFileSync(path.join(app, 'left', 'out.js'), 'another');
    expect([unix, windows].map(app => hashOf(app))).toEqual(before);
    for (const app of [unix, windows]) fs.writeFileSync(path.join(app, 'left', 'in.js'), 'another');
    expect([unix, windows].map(app => hashOf(app))).not.toEqual(before);
  });

  test('of other files change the hash, because they change the image', () => {
    const [unix, windows] = ['\n', '\r\n'].map(end => appWith({ ...tree, 'run.sh': `echo one${end}echo two${end}` }));
    expect(hashOf(unix)).not.toBe(hashOf(windows));
  });
});

// These tests run on Linux, macOS and Windows in CI. Contexts without executable files have the same hash everywhere.
describe('the same context has the same hash on all platforms:', () => {
  test.each<[string, Tree, ImageSourceDirectoryOptions | undefined, string]>([
    ['files and folders', { 'Dockerfile': DOCKERFILE, 'app.js': 'app\n', 'lib/a/b.js': 'b', 'Zoo.txt': 'z', 'é.txt': 'é' }, undefined, 'cfbe813d8ad813e8b4609bd6c425de5277311e07c98ed978e181857d26d37fa6'],
    ['binary files', { 'Dockerfile': DOCKERFILE, 'data.bin': '\0\u0001\r\n' }, undefined, '354f101018cd0d2d2eb2b27c0fa712c3bdb8e0b095561bd8fe1e45f03a215991'],
    ['.dockerignore', { 'Dockerfile': DOCKERFILE, '.dockerignore': 'docs\n!docs/kept.md\n**/*.log\n', 'docs/a.md': 'a', 'docs/kept.md': 'k', 'lib/x.log': 'x' }, undefined, 'edc142a9499e68863f1c9b53cce517c83071b5fe50b47a811776eacb93eadc16'],
    ['a Dockerfile in a folder', { 'docker/web/Dockerfile': DOCKERFILE, 'app.js': 'app' }, { file: path.join('docker', 'web', 'Dockerfile') }, '0379c7c9488821b4bb075f97d0f29d2a08abffcbe41b09d6e5e2b0a3ad11517b'],
    ['excluded files', { 'Dockerfile': DOCKERFILE, 'app.js': 'app', 'out/x/y.js': 'y' }, { exclude: [path.join('out', 'x')] }, '36a1ddf8bdeee3cf2d81b36fbeb85a9a397c61c8ba5ce3ed777568cf1daa147b'],
  ])('%s', (_, tree, options, hash) => {
    const app = appWith(tree);
    // Independent of the umask of this machine.
    for (const entry of fs.readdirSync(app, { recursive: true, withFileTypes: true })) {
      fs.chmodSync(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
    }
    expect(hashOf(app, options)).toBe(hash);
  });
});

test('errors about a Dockerfile that does not exist show the name as you wrote it', () => {
  const app = appWith({ Dockerfile: DOCKERFILE });
  expect(() => publish(app, { file: 'docker\\Dockerfile' })).toThrow(/'file' must name a Dockerfile that exists, got "docker\\\\Dockerfile"/);
});
