import { FingerprintOptions, IgnoreStrategy, Stack, Stage, SymlinkFollowMode, Token } from 'aws-cdk-lib';
import { DockerImageAsset, TarballImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { readBuildContext, statOf } from './build-context';
import { warnOfFollowedLinks, warnOfSecretFiles, warnOfSecretOptions } from './build-warnings';
import { imageOf } from './platforms-source';
import { stagingOf } from './staged-dockerfile';
import { hasMethods } from '../../private/shape';
import { deployAfter, outermostStack } from '../../private/stacks';
import { reject } from '../../private/validation';
import { ImageSourceBinder } from '../image-source-config';

/** An image that the app already builds into the bootstrap repository. */
export function assetSource(asset: DockerImageAsset): ImageSourceBinder {
  return (scope, { reader }) => {
    checkAsset(scope, asset);
    checkSamePlace(scope, asset);
    const [own, other] = [outermostStack(scope), outermostStack(asset)];
    // The CDK CLI pushes what a stack needs when that stack is deployed.
    if (own !== other) deployAfter(own, other, 'it copies an image that is pushed with that stack');
    inspect(scope, asset);
    asset.repository.grantPull(reader);
    return { reference: asset.imageUri, hasContentTag: true };
  };
}

/** Warns about secrets and followed links. CDK has copied the directory already, so nothing can be left out here. */
function inspect(scope: Construct, asset: DockerImageAsset): void {
  const image = imageOf(scope);
  warnOfSecretOptions(image, {
    buildArgs: Reflect.get(asset, 'dockerBuildArgs'),
    buildContexts: Reflect.get(asset, 'dockerBuildContexts'),
    buildSecrets: Reflect.get(asset, 'dockerBuildSecrets'),
    buildSsh: Reflect.get(asset, 'dockerBuildSsh'),
    cacheFrom: Reflect.get(asset, 'dockerCacheFrom'),
    cacheTo: Reflect.get(asset, 'dockerCacheTo'),
    outputs: Reflect.get(asset, 'dockerOutputs'),
  });
  const staging = stagingOf(asset);
  const rules: FingerprintOptions | undefined = staging && Reflect.get(staging, 'fingerprintOptions');
  if (staging === undefined || rules === undefined) return;
  const { sourcePath } = staging;
  const context = readBuildContext(sourcePath, {
    ignore: IgnoreStrategy.fromCopyOptions(rules, sourcePath), follow: rules.follow ?? SymlinkFollowMode.EXTERNAL,
  });
  warnOfSecretFiles(image, context.secretFiles);
  if (rules.follow === undefined) warnOfFollowedLinks(image, context.leavingLinks);
}

function checkAsset(scope: Construct, asset: DockerImageAsset): void {
  if (!Construct.isConstruct(asset) || typeof asset.imageUri !== 'string' || !hasMethods(asset.repository, 'grantPull')) {
    reject(scope, {
      property: 'asset', must: 'be a DockerImageAsset', got: asset, fix: 'Give one, or build from a directory with ImageSource.directory(\'./app\').',
    });
  }
}

/** Of another account the bootstrap repository lets nobody pull, and another stage is deployed on its own. */
function checkSamePlace(scope: Construct, asset: DockerImageAsset): void {
  const [here, there] = [Stack.of(scope).account, Stack.of(asset).account];
  const isElsewhere = !Token.isUnresolved(here) && !Token.isUnresolved(there) && here !== there;
  if (isElsewhere || Stage.of(scope) !== Stage.of(asset)) {
    reject(scope, {
      property: 'asset', must: 'be in the same stage and account', got: asset.node.path,
      fix: 'Create it there, or use ImageSource.directory, which does.',
    });
  }
}

/** An image that `docker save` has written into a file. */
export function tarballSource(tarballFile: string): ImageSourceBinder {
  return (scope, { reader }) => {
    if (typeof tarballFile !== 'string' || !statOf(tarballFile)?.isFile()) {
      reject(scope, {
        property: 'tarballFile', must: 'be an existing file', got: tarballFile, fix: 'Write it with: docker save --output web.tar web:latest',
      });
    }
    const asset = new TarballImageAsset(scope, 'Asset', { tarballFile });
    asset.repository.grantPull(reader);
    return { reference: asset.imageUri, hasContentTag: true };
  };
}
