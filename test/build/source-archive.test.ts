import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ImageSourceDirectoryOptions, ImageBuilder, ImageRepository } from '../../src';
import { appWith, folderOf, SECRET, Tree, treeOf } from '../helpers/build-context';

const LONG = `${'long/'.repeat(30)}file.txt`;

interface Source {
  readonly stack: Stack;
  /** The folder with the archives, as the CDK CLI uploads it. */
  readonly folder: string;
  readonly key: string;
}

function sourceOf(directory: string, options: ImageSourceDirectoryOptions = {}, context: Readonly<Record<string, unknown>> = {}): Source {
  const app = new App({ context, outdir: fs.mkdtempSync(path.join(os.tmpdir(), 'outdir-')) });
  const stack = new Stack(app, 'Stack');
  new ImageRepository(stack, 'Repository').buildAndPushImage(directory, { builder: ImageBuilder.codeBuild(), ...options });
  const [{ Properties: { Source: location } }] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageBuild'));
  const key = /([0-9a-f]{64})\.zip/.exec(JSON.stringify(location))?.[1] ?? '';
  const { files } = JSON.parse(fs.readFileSync(path.join(app.outdir, 'Stack.assets.json'), 'utf8'));
  return { stack, key, folder: path.resolve(app.outdir, files[key].source.path) };
}

/** The archives, unpacked as the build does it. */
function unpacked({ folder }: Source): string {
  const target = fs.mkdtempSync(path.join(os.tmpdir(), 'unpacked-'));
  for (const archive of fs.readdirSync(folder)) {
    const into = path.join(target, path.basename(archive, '.tar'));
    fs.mkdirSync(into);
    execFileSync('tar', ['--extract', '--preserve-permissions', '--file', path.join(folder, archive), '--directory', into]);
  }
  return target;
}

test('the build gets the same files as Docker, with links, permissions and empty directories', () => {
  const app = appWith({
    '.dockerignore': 'ignored\n*.log\n', 'ignored/file.txt': 'no', 'a.log': 'no', 'run.sh': '#!/bin/sh\n', 'link': { to: 'run.sh' }, 'away': { to: '../secret.txt' },
    [LONG]: 'long', 'with space/ü.txt': 'ü', '.hidden': 'yes', 'longlink': { to: LONG },
  });
  fs.chmodSync(path.join(app, 'run.sh'), 0o755);
  fs.mkdirSync(path.join(app, 'empty'));
  fs.mkdirSync(path.join(app, 'open'), { mode: 0o777 });
  fs.chmodSync(path.join(app, 'open'), 0o777);
  const context = path.join(unpacked(sourceOf(app)), 'context');

  expect(treeOf(context)).toEqual({
    '.dockerignore': 'ignored\n*.log\n', 'Dockerfile': expect.any(String), 'run.sh': '#!/bin/sh\n', 'link': { to: 'run.sh' }, 'away': { to: '../secret.txt' },
    [LONG]: 'long', 'with space/ü.txt': 'ü', '.hidden': 'yes', 'longlink': { to: LONG },
  });
  expect(fs.statSync(path.join(context, 'run.sh')).mode % 0o1000).toBe(0o755);
  expect(fs.statSync(path.join(context, 'open')).mode % 0o1000).toBe(0o777);
  expect(fs.readdirSync(path.join(context, 'empty'))).toEqual([]);
  expect(fs.readFileSync(path.join(context, 'run.sh'), 'utf8')).not.toContain(SECRET);
});

test('all files are dated after 1980, as ZIP files in a build need', () => {
  const context = path.join(unpacked(sourceOf(appWith({ 'a.txt': 'a' }))), 'context');

  expect(fs.statSync(path.join(context, 'a.txt')).mtime.getUTCFullYear()).toBe(1980);
});

test('the same tree has the same source, in any folder', () => {
  const tree: Tree = { 'a.txt': 'a', 'b/c.txt': 'c' };
  const [one, other] = [sourceOf(appWith(tree)), sourceOf(appWith(tree))];

  expect(one.key).toBe(other.key);
  expect(fs.readFileSync(path.join(one.folder, 'context.tar'))).toEqual(fs.readFileSync(path.join(other.folder, 'context.tar')));
});

test.each<[string, (app: string) => ImageSourceDirectoryOptions | void]>([
  ['the content of a file', app => fs.writeFileSync(path.join(app, 'a.txt'), 'b')],
  ['a permission', app => fs.chmodSync(path.join(app, 'a.txt'), 0o755)],
  ['an empty directory', app => { fs.mkdirSync(path.join(app, 'empty')); }],
  ['the extra hash', () => ({ extraHash: 'x' })],
  ['the Dockerfile', app => fs.writeFileSync(path.join(app, 'Dockerfile'), 'FROM alpine\n')],
  ['a Dockerfile outside of it', app => {
    fs.writeFileSync(path.join(app, '../other.Dockerfile'), 'FROM scratch\n');
    return { file: '../other.Dockerfile' };
  }],
  ['a local build context', () => ({ buildContexts: { secrets: '../secrets' } })],
])('%s is part of the hash of the source', (_, change) => {
  const app = appWith({ 'a.txt': 'a' });
  const before = sourceOf(app).key;
  const options = change(app) ?? {};

  expect(sourceOf(app, options).key).not.toBe(before);
});

test('a Dockerfile outside of the directory and local build contexts have their own archives', () => {
  const root = folderOf({
    'app/index.html': 'hello', 'docker/web.Dockerfile': 'FROM scratch\n', 'docker/web.Dockerfile.dockerignore': 'x\n', 'base/file.txt': 'base', 'base/.dockerignore': 'no\n', 'base/no': '',
  });
  const files = treeOf(unpacked(sourceOf(`${root}/app`, { file: '../docker/web.Dockerfile', buildContexts: { base: '../base', remote: 'docker-image://alpine' } })));

  expect(files).toEqual({
    'context/index.html': 'hello', 'context-1/file.txt': 'base', 'context-1/.dockerignore': 'no\n', 'dockerfile/web.Dockerfile': 'FROM scratch\n',
    'dockerfile/web.Dockerfile.dockerignore': 'x\n',
  });
});

test('a Dockerfile that is a link to an excluded file is included as a file', () => {
  const app = appWith({ '.dockerignore': 'docker\n', 'docker/real': 'FROM scratch\n# real\n' });
  fs.rmSync(path.join(app, 'Dockerfile'));
  fs.symlinkSync('docker/real', path.join(app, 'Dockerfile'));

  expect(treeOf(path.join(unpacked(sourceOf(app)), 'context')).Dockerfile).toBe('FROM scratch\n# real\n');
});

test('without staging, the archive has the same files', () => {
  const app = appWith({ '.dockerignore': 'ignored\n', 'ignored/file.txt': 'no', 'b/a.txt': 'a' });

  expect(treeOf(unpacked(sourceOf(app, {}, { 'aws:cdk:disable-asset-staging': true })))).toEqual({
    'context/.dockerignore': 'ignored\n', 'context/Dockerfile': expect.any(String), 'context/b/a.txt': 'a',
  });
});

test('files that often hold secrets, and build arguments that look like secrets, cause a warning', () => {
  const { stack } = sourceOf(appWith({ '.env': 'PASSWORD=1' }), { buildArgs: { NPM_TOKEN: 'x' } });

  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('The build context contains'));
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('Some build arguments look like secrets'));
});
