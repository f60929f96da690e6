import * as fs from 'fs';
import * as path from 'path';
import { App, AssetStaging, Stack, SymlinkFollowMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageRepository } from '../../src';
import { appWith, DOCKERFILE, publish, Tree, treeOf } from '../helpers/build-context';
import { newStack } from '../helpers/stack';

describe('a Dockerfile that is a symbolic link', () => {
  const shared = `${DOCKERFILE}LABEL shared=yes\n`;

  test.each<[string, Tree, string | undefined]>([
    ['to a file outside', { Dockerfile: { to: '../shared/Dockerfile' } }, undefined],
    ['to a link to a file outside', { Dockerfile: { to: 'other' }, other: { to: '../shared/Dockerfile' } }, undefined],
    ['in a directory that is a link', { docker: { to: '../shared' } }, 'docker/Dockerfile'],
    ['in a directory that is reached by a link inside', { 'docker': { to: 'deep/docker' }, 'deep/docker/Dockerfile': { to: '../../../shared/Dockerfile' } }, 'docker/Dockerfile'],
    ['to a file that is ignored', { 'Dockerfile': { to: 'build/prod' }, 'build/prod': shared, '.dockerignore': 'build\n' }, undefined],
    ['to a file inside', { 'Dockerfile': { to: 'build/prod' }, 'build/prod': shared }, undefined],
  ])('%s is built', (_, tree, file) => {
    const app = appWith(tree, { 'shared/Dockerfile': shared });
    const { staged: [staged], hashes: [hash] } = publish(app, { file });
    const dockerfile = path.join(staged, file ?? 'Dockerfile');

    expect(fs.readFileSync(dockerfile, 'utf8')).toBe(shared);
    expect(path.relative(fs.realpathSync(staged), fs.realpathSync(dockerfile))).not.toMatch(/^\.\./);
    fs.appendFileSync(path.join(app, file ?? 'Dockerfile'), 'LABEL changed=yes\n');
    AssetStaging.clearAssetHashCache();
    expect(publish(app, { file }).hashes).not.toEqual([hash]);
    expect(publish(app, { file, extraHash: 'pepper', invalidation: { extraHash: false } }).hashes).toEqual(publish(app, { file }).hashes);
    expect(publish(app, { file, extraHash: 'pepper' }).hashes).not.toEqual(publish(app, { file }).hashes);
  });

  test('to an absolute path is built', () => {
    const app = appWith({}, { 'shared/Dockerfile': shared });
    fs.rmSync(path.join(app, 'Dockerfile'));
    fs.symlinkSync(path.join(path.dirname(app), 'shared', 'Dockerfile'), path.join(app, 'Dockerfile'));

    expect(treeOf(publish(app).staged[0])).toEqual({ Dockerfile: shared });
  });

  test('does not change other files, also after a second synthesis', () => {
    const app = appWith({ Dockerfile: { to: '../shared/Dockerfile' }, pw: { to: '../secret.txt' } }, { 'shared/Dockerfile': shared });
    const outdir = path.join(path.dirname(app), 'out');
    for (const round of [1, 2]) {
      AssetStaging.clearAssetHashCache();
      const stack = new Stack(new App({ outdir }), `Stack${round}`);
      new ImageRepository(stack, 'Repository').buildAndPushImage(app);
    }
    const contexts = fs.readdirSync(outdir).filter(name => fs.existsSync(path.join(outdir, name, 'Dockerfile')));

    expect(contexts.map(name => treeOf(path.join(outdir, name)))).toEqual([{ Dockerfile: shared, pw: { to: '../secret.txt' } }]);
    expect(fs.readlinkSync(path.join(app, 'Dockerfile'))).toBe('../shared/Dockerfile');
  });

  test.each([SymlinkFollowMode.EXTERNAL, SymlinkFollowMode.ALWAYS])('has the same asset hash as in CDK with followSymlinks: %s, if CDK copies it', followSymlinks => {
    const app = appWith({ Dockerfile: { to: '../shared/Dockerfile' } }, { 'shared/Dockerfile': shared });
    const asset = new DockerImageAsset(newStack(), 'Asset', { directory: app, followSymlinks, platform: Platform.LINUX_AMD64 });

    expect(publish(app, { followSymlinks }).hashes).toEqual([asset.assetHash]);
    expect(treeOf(publish(app, { followSymlinks }).staged[0])).toEqual({ Dockerfile: shared });
  });

  test('is left unchanged in the directory itself if CDK stages nothing', () => {
    const app = appWith({ Dockerfile: { to: '../shared/Dockerfile' } }, { 'shared/Dockerfile': shared });
    const stack = new Stack(new App({ context: { 'aws:cdk:disable-asset-staging': true } }), 'Stack');
    new ImageRepository(stack, 'Repository').buildAndPushImage(app);

    expect(fs.readlinkSync(path.join(app, 'Dockerfile'))).toBe('../shared/Dockerfile');
  });
});
