import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, SymlinkFollowMode } from 'aws-cdk-lib';
import { ask } from '../../local/process';
import { appWith, DOCKERFILE, publish, SECRET, Tree } from '../helpers/build-context';

// Docker builds each directory twice: unchanged, and as CDK passes it. Both images must have the same files and links.
const certify = process.env.CERTIFY_NO_DOCKER ? describe.skip : describe;

/** The result of `COPY . /context/` in an image: types, permissions, sizes, paths, and targets of links. */
function imageOf(directory: string, file = 'Dockerfile'): { files: string[]; hasSecret: boolean } {
  const tag = `build-context-${process.pid}`;
  const build = ask('docker', ['build', '--quiet', '--tag', tag, '--file', path.resolve(directory, file), directory]);
  if (!build.ok) throw new Error(build.problem);
  const { out: container } = ask('docker', ['create', tag, 'none']);
  const exported = ask('sh', ['-c', `docker export ${container} | tar tv --numeric-owner | grep ' context/'`]).out;
  const hasSecret = ask('sh', ['-c', `docker export ${container} | grep --text --quiet ${SECRET}`]).ok;
  ask('docker', ['rm', container]);
  ask('docker', ['image', 'rm', '--force', tag]);
  const files = exported.split('\n').map(line => {
    const [, type, size, name] = /^([-dl]\S+)\s+\S+\s+(\d+)\s+\S+\s+\S+\s+(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`tar says what is not understood here: ${line}`);
    return `${type} ${type.startsWith('d') ? '' : size} ${name}`;
  });
  return { files: files.sort(), hasSecret };
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'build-context-'));
const { TMPDIR } = process.env;
beforeAll(() => Object.assign(process.env, { TMPDIR: folder }));
afterAll(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  fs.rmSync(folder, { recursive: true });
});

certify('an image of ImageSource.directory has the files and links of an image of docker build', () => {
  test.each<[string, Tree]>([
    ['without links', { 'message.txt': 'hello', 'deep/down/message.txt': 'hello' }],
    ['with links inside', { 'releases/2/run': 'run', 'current': { to: 'releases/2' }, 'bin/run': { to: '../current/run' } }],
    ['with links that lead out', { pw: { to: '/etc/passwd' }, secret: { to: '../secret.txt' }, etc: { to: '/etc' }, around: { to: '..' }, back: { to: '../app/Dockerfile' } }],
    ['with circular and broken links', { 'node_modules/root': { to: '../..' }, 'self': { to: 'self' }, 'nothing': { to: 'nothing-here' }, 'a': { to: 'b' }, 'b': { to: 'a' } }],
    ['with links that are ignored', { '.dockerignore': 'deep\n!deep/keep\n**/pw\n', 'deep/keep': { to: '../../secret.txt' }, 'deep/pw': { to: '/etc/passwd' }, 'keep': 'yes' }],
    ['with an ignore file that is a link', { '.dockerignore': { to: 'ignore/docker' }, 'ignore/docker': 'message.txt\n', 'message.txt': 'hello', 'other.txt': 'hello' }],
  ])('%s', (_, tree) => {
    const directory = appWith(tree);
    const { staged: [staged] } = publish(directory);
    const ours = imageOf(staged);

    expect(ours.files.length).toBeGreaterThan(Object.keys(tree).length);
    expect(ours.files).toEqual(imageOf(directory).files);
    expect(ours.hasSecret).toBe(false);
  });

  test('with permissions and empty directories', () => {
    const directory = appWith({ 'run.sh': 'run', 'key.txt': 'key', 'conf/app.json': '{}', 'tmp/x': 'x' });
    fs.chmodSync(path.join(directory, 'run.sh'), 0o4755);
    fs.chmodSync(path.join(directory, 'key.txt'), 0o400);
    fs.chmodSync(path.join(directory, 'conf'), 0o700);
    fs.chmodSync(path.join(directory, 'tmp'), 0o1777);
    fs.mkdirSync(path.join(directory, 'conf', 'empty'), { mode: 0o750 });
    const ours = imageOf(publish(directory).staged[0]).files;

    expect(ours).toEqual(imageOf(directory).files);
    expect(ours).toEqual(expect.arrayContaining(['drwx------  context/conf/', 'drwxrwxrwt  context/tmp/', '-rwxr-xr-x 3 context/run.sh', '-r-------- 3 context/key.txt']));
  });

  test.each<[string, Tree, string]>([
    ['in a directory that is ignored', { '.dockerignore': '*\n!app.js\n', 'app.js': 'app', 'docker/Dockerfile': DOCKERFILE, 'docker/notes.txt': 'notes' }, 'docker/Dockerfile'],
    ['that is ignored itself, with case and comments', { '.dockerignore': '# all\n\n*.md\r\n!README.md\nBUILD\nDockerfile\n', 'README.md': 'x', 'a.md': 'x', 'build/x': 'x' }, 'Dockerfile'],
    ['with exceptions in ignored directories', { '.dockerignore': '**\n!**/keep.txt\n!deep/(a)/\n', 'a/keep.txt': 'x', 'a/b': 'x', 'deep/(a)/x': 'x' }, 'Dockerfile'],
  ])('with a Dockerfile %s', (_, tree, file) => {
    const directory = appWith(tree);

    expect(imageOf(publish(directory, { file }).staged[0], file).files).toEqual(imageOf(directory, file).files);
  });

  test('with a Dockerfile outside of the directory', () => {
    const directory = appWith({ 'app.js': 'app' }, { 'docker/Dockerfile': `${DOCKERFILE}LABEL outside=yes\n` });
    fs.rmSync(path.join(directory, 'Dockerfile'));
    const { staged: [staged], stack } = publish(directory, { file: '../docker/Dockerfile' });
    const manifest = JSON.parse(fs.readFileSync(path.join((stack.node.root as App).synth().directory, 'Stack.assets.json'), 'utf8'));
    const [{ source }] = Object.values<{ source: { dockerFile: string } }>(manifest.dockerImages);

    expect(imageOf(staged, source.dockerFile).files).toEqual(imageOf(directory, '../docker/Dockerfile').files);
  });

  test('with followSymlinks: SymlinkFollowMode.EXTERNAL only, the targets of links are in the image', () => {
    const directory = appWith({ secret: { to: '../secret.txt' } });

    expect(imageOf(publish(directory, { followSymlinks: SymlinkFollowMode.EXTERNAL }).staged[0]).hasSecret).toBe(true);
  });

  test('if the directory is given as a link', () => {
    const directory = appWith({ secret: { to: '../secret.txt' } });
    fs.symlinkSync('app', `${directory}-link`);

    expect(imageOf(publish(`${directory}-link`).staged[0]).files).toEqual(imageOf(`${directory}-link`).files);
  });

  test('if the Dockerfile is a link inside', () => {
    const directory = appWith({ 'Dockerfile': { to: 'build/prod' }, 'build/prod': DOCKERFILE });

    expect(imageOf(publish(directory).staged[0]).files).toEqual(imageOf(directory).files);
  });

  test('if the Dockerfile is a link to the outside, except that the Dockerfile itself becomes a file', () => {
    const directory = appWith({ Dockerfile: { to: '../shared/Dockerfile' }, secret: { to: '../secret.txt' } }, { 'shared/Dockerfile': DOCKERFILE });
    const isOther = (file: string) => !file.includes('Dockerfile');
    const ours = imageOf(publish(directory).staged[0]).files;

    expect(ours.filter(isOther)).toEqual(imageOf(directory).files.filter(isOther));
    expect(ours).toContain(`-rw-r--r-- ${DOCKERFILE.length} context/Dockerfile`);
  });
});
