import * as fs from 'fs';
import * as path from 'path';
import { App, AssetStaging, IgnoreMode, Stack, SymlinkFollowMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { DirectPushSynthesizer, ImageRepository, ImageRoute, ImageSource } from '../../src';
import { appWith, DOCKERFILE, publish, publishSource, SECRET, toldIn, Tree, treeOf } from '../helpers/build-context';
import { newStack } from '../helpers/stack';

/** The build context that CDK passes to Docker. */
function contextOf(directory: string, options = {}): Tree {
  const { staged: [staged] } = publish(directory, options);
  return treeOf(staged);
}

/** The hash of the same directory as a plain CDK asset. */
function hashByCdk(directory: string, followSymlinks?: SymlinkFollowMode): string {
  return new DockerImageAsset(newStack(), 'Asset', { directory, followSymlinks, platform: Platform.LINUX_AMD64 }).assetHash;
}

/** Whether this version of aws-cdk-lib accepts a link to the outside in this mode. Newer versions reject it in `BLOCK_EXTERNAL`. */
function isAccepted(follow: SymlinkFollowMode): boolean {
  try {
    new AssetStaging(newStack(), 'Staging', { sourcePath: appWith({ out: { to: '../secret.txt' } }), follow });
    return true;
  } catch {
    return false;
  }
}

describe('files outside of the build context never get into the image by', () => {
  test.each<[string, string, string]>([
    ['a relative link', 'pw', '../secret.txt'],
    ['an absolute link', 'pw', '/etc/passwd'],
    ['a link to a directory', 'pw', '../secrets'],
    ['an absolute link to a directory', 'pw', '/etc'],
    ['a link in a directory', 'deep/down/pw', '../../../secret.txt'],
    ['a link that goes out and comes back', 'pw', '../app/message.txt'],
    ['a link into a directory whose name begins with that of the context', 'pw', '../app-secrets/key.txt'],
    ['a link to the directory around the context', 'node_modules/root', '../..'],
    ['a link to the root of the file system', 'root', '/'],
    ['a link that leads nowhere', 'pw', '../nothing'],
    ['a link to itself', 'pw', 'pw'],
  ])('%s', (_, link, to) => {
    const app = appWith({ 'message.txt': 'hello', [link]: { to } }, { 'app-secrets/key.txt': SECRET });

    // Newer versions of aws-cdk-lib write links to inner files without the way out and back.
    const target = to === '../app/message.txt' ? expect.stringMatching(/^(\.\.\/app\/)?message\.txt$/) : to;
    expect(contextOf(app)).toEqual({ 'Dockerfile': DOCKERFILE, 'message.txt': 'hello', [link]: { to: target } });
  });

  test('two links, one of which leads to the other', () => {
    const links = { first: { to: 'second/secret.txt' }, second: { to: '..' } };

    expect(contextOf(appWith(links))).toEqual({ Dockerfile: DOCKERFILE, ...links });
  });

  test('a link, if the directory itself is given as a link', () => {
    const app = appWith({ pw: { to: '../secret.txt' }, inside: { to: 'Dockerfile' } });
    const link = path.join(path.dirname(app), 'link');
    fs.symlinkSync('app', link);

    expect(contextOf(link)).toEqual({ Dockerfile: DOCKERFILE, pw: { to: '../secret.txt' }, inside: { to: 'Dockerfile' } });
  });

  test('a link to a directory of which the ignore file excludes all files but one', () => {
    expect(contextOf(appWith({ 'shared': { to: '../secrets' }, '.dockerignore': 'shared\n!shared/key.txt\n' }))).toEqual({
      'Dockerfile': DOCKERFILE, '.dockerignore': 'shared\n!shared/key.txt\n',
    });
  });

  test.each([ImageRoute.COPY, ImageRoute.DIRECT])('a link, on the route %s', route => {
    const cdk = new App();
    const repository = new ImageRepository(new Stack(cdk, 'Home'), 'Repository', { repositoryName: 'team/web' });
    const scope = new Stack(cdk, 'User', { synthesizer: new DirectPushSynthesizer() });
    repository.buildAndPushImage(appWith({ pw: { to: '../secret.txt' } }), { scope, route });

    const { directory } = cdk.synth();
    const contexts = fs.readdirSync(directory).filter(name => fs.existsSync(path.join(directory, name, 'Dockerfile')));
    expect(contexts.map(name => treeOf(path.join(directory, name)))).toEqual([{ Dockerfile: DOCKERFILE, pw: { to: '../secret.txt' } }]);
  });

  test.each(Object.values(IgnoreMode))('a link, with the ignore mode %s', ignoreMode => {
    const app = appWith({ 'pw': { to: '../secret.txt' }, 'message.txt': 'hello', '.dockerignore': 'message.txt\n' });

    expect(contextOf(app, { ignoreMode, exclude: ['.dockerignore.old'] })).toEqual({
      'Dockerfile': DOCKERFILE, '.dockerignore': 'message.txt\n', 'pw': { to: '../secret.txt' },
    });
  });

  test('a link, for each of several platforms', () => {
    const { staged } = publish(appWith({ pw: { to: '../secret.txt' } }), { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });

    expect(staged.map(treeOf)).toEqual([{ Dockerfile: DOCKERFILE, pw: { to: '../secret.txt' } }, { Dockerfile: DOCKERFILE, pw: { to: '../secret.txt' } }]);
  });

  test.each([undefined, SymlinkFollowMode.NEVER])('a link, if the same directory is also a CDK asset with followSymlinks: %s', followSymlinks => {
    const app = appWith({ pw: { to: '../secret.txt' } });
    const { stack, staged } = publishSource(scope => {
      const asset = new DockerImageAsset(scope, 'Own', { directory: app, platform: Platform.LINUX_AMD64 });
      expect(treeOf((asset.node.findChild('Staging') as AssetStaging).absoluteStagedPath).pw).toBe(SECRET);
      return ImageSource.directory(app, { followSymlinks });
    });

    expect(staged.map(each => treeOf(each).pw)).toEqual(expect.arrayContaining([{ to: '../secret.txt' }]));
    expect(stack.node.findAll().filter(each => each instanceof AssetStaging)).toHaveLength(3);
  });
});

test('links inside the context lead to the same files as before', () => {
  const links = { 'current': { to: 'releases/2' }, 'releases/latest': { to: '2/../2' }, 'bin/run': { to: '../releases/2/run.sh' } };

  // Newer versions of aws-cdk-lib write the shortest way.
  const same = { ...links, 'releases/latest': { to: expect.stringMatching(/^2(\/\.\.\/2)?$/) } };
  expect(contextOf(appWith({ 'releases/2/run.sh': 'run', ...links }))).toEqual({ 'Dockerfile': DOCKERFILE, 'releases/2/run.sh': 'run', ...same });
});

describe('the image is not rebuilt with this version', () => {
  test.each<[string, Tree]>([
    ['when there are no links', { 'message.txt': 'hello' }],
    ['when all links lead to files inside', { 'message.txt': 'hello', 'link': { to: './message.txt' }, 'deep/link': { to: '../message.txt' } }],
    ['when a link that leads out is ignored', { 'pw': { to: '../secret.txt' }, '.dockerignore': 'pw\n' }],
    ['when a link that leads out is in a directory that is ignored', { 'deep/pw': { to: '../secret.txt' }, '.dockerignore': '**/deep\n' }],
  ])('%s', (_, tree) => {
    const app = appWith(tree);

    expect(publish(app).hashes).toEqual([hashByCdk(app)]);
  });

  test('and with a link to the outside, it is the image that CDK builds with SymlinkFollowMode.NEVER', () => {
    const app = appWith({ pw: { to: '../secret.txt' } });

    expect(publish(app).hashes).toEqual([hashByCdk(app, SymlinkFollowMode.NEVER)]);
    expect(publish(app).hashes).not.toEqual([hashByCdk(app)]);
  });
});

describe('followSymlinks can be set:', () => {
  const tree = { 'message.txt': 'hello', 'in': { to: 'message.txt' }, 'out': { to: '../secret.txt' } };
  const choices: [SymlinkFollowMode, object][] = [
    [SymlinkFollowMode.EXTERNAL, { in: { to: 'message.txt' }, out: SECRET }],
    [SymlinkFollowMode.ALWAYS, { in: 'hello', out: SECRET }],
    [SymlinkFollowMode.NEVER, { in: { to: 'message.txt' }, out: { to: '../secret.txt' } }],
    [SymlinkFollowMode.BLOCK_EXTERNAL, { in: 'hello', out: { to: '../secret.txt' } }],
  ];

  test.each(choices.filter(([mode]) => isAccepted(mode)))('%s', (followSymlinks, links) => {
    const app = appWith(tree);
    const { staged: [staged], hashes, stack } = publish(app, { followSymlinks });

    expect(treeOf(staged)).toEqual({ 'Dockerfile': DOCKERFILE, 'message.txt': 'hello', ...links });
    expect(hashes).toEqual([hashByCdk(app, followSymlinks)]);
    expect(toldIn(stack)).toEqual([]);
  });

  test('two images of one directory can have different values', () => {
    const app = appWith(tree);
    const { staged } = publishSource(stack => {
      new ImageRepository(stack, 'Other').publish('web', ImageSource.directory(app, { followSymlinks: SymlinkFollowMode.ALWAYS }));
      return ImageSource.directory(app, { followSymlinks: SymlinkFollowMode.EXTERNAL });
    });

    expect(staged.map(each => treeOf(each).in)).toEqual(expect.arrayContaining(['hello', { to: 'message.txt' }]));
  });

  test.each([SymlinkFollowMode.EXTERNAL, SymlinkFollowMode.ALWAYS])('circular links are an error at once (%s)', followSymlinks => {
    const app = appWith({ 'node_modules/root': { to: '../..' } });

    expect(() => publish(app, { followSymlinks })).toThrow(
      `Stack/Repository/Images/web: 'followSymlinks' must not follow links in a circle, got "${followSymlinks}". `
      + 'The directory "node_modules/root/app" contains itself. Leave followSymlinks out, or exclude the link.',
    );
    expect(() => publish(app, { followSymlinks, exclude: ['node_modules'] })).not.toThrow();
    expect(() => publish(app, { followSymlinks, exclude: ['node_modules/root/app/node_modules'] })).not.toThrow();
  });
});

describe('links to the outside are reported', () => {
  test('once, because their targets are not in the image', () => {
    const app = appWith({ 'pw': { to: '/etc/passwd' }, 'deep/pw': { to: '../../secret.txt' }, 'in': { to: 'Dockerfile' } });
    const { stack } = publish(app, { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });

    expect(toldIn(stack)).toEqual([{
      level: 'info', path: '/Stack/Repository/Images/web', id: 'linksNotFollowed',
      text: 'The build context has links that lead out of it: "deep/pw", "pw". As with "docker build", the image gets the links without their targets. '
        + 'If you need the targets, set followSymlinks: SymlinkFollowMode.EXTERNAL.',
    }]);
  });

  test('but not ignored links, and not the Dockerfile', () => {
    const app = appWith({ Dockerfile: { to: '../Dockerfile' }, pw: { to: '/etc/passwd' } }, { Dockerfile: DOCKERFILE });

    expect(toldIn(publish(app, { exclude: ['pw'], ignoreMode: IgnoreMode.GLOB }).stack)).toEqual([]);
  });

  test('as a warning for an asset of CDK, because CDK follows them', () => {
    const app = appWith({ pw: { to: '../secret.txt' } });
    const asset = (followSymlinks?: SymlinkFollowMode) => publishSource(stack => ImageSource.asset(
      new DockerImageAsset(stack, 'Own', { directory: app, platform: Platform.LINUX_AMD64, followSymlinks }),
    )).stack;

    expect(toldIn(asset())).toEqual([{
      level: 'warning', path: '/Stack/Repository/Images/web', id: 'followedLinks',
      text: 'The DockerImageAsset has links that lead out of its directory: "pw". CDK copies their targets into the build context, and "docker build" does not. '
        + 'Create the asset with followSymlinks: SymlinkFollowMode.NEVER, or use ImageSource.directory. '
        + 'If the targets belong in the image, acknowledge this warning: Annotations.of(this).acknowledgeWarning(\'cdk-container-delivery:followedLinks\', \'why\').',
    }]);
    for (const mode of Object.values(SymlinkFollowMode).filter(isAccepted)) expect(toldIn(asset(mode))).toEqual([]);
  });
});
