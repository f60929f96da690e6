import { FingerprintOptions, IgnoreStrategy, Stack, Stage, SymlinkFollowMode, Token } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { readBuildContext } from './build-context';
import { checkOutputs } from './build-outputs';
import { warnOfFollowedLinks, warnOfSecretFiles, warnOfSecretOptions } from './build-warnings';
import { imageOf } from './platforms-source';
import { stagingOf } from './staged-dockerfile';
import { hasMethods, isObject } from '../../private/shape';
import { outermostStack } from '../../private/stacks';
import { reject } from '../../private/validation';
import { ImageSourceBinder } from '../image-source-config';

/** An image that the app already builds into the bootstrap repository. */
export function assetSource(asset: DockerImageAsset): ImageSourceBinder {
  return (scope, { reader }) => {
    checkAsset(scope, asset);
    checkSamePlace(scope, asset);
    const [own, other] = [outermostStack(scope), outermostStack(asset)];
    // The CDK CLI pushes the assets of a stack when it deploys that stack.
    if (own !== other) own.addStackDependency(other, 'it copies an image that is pushed with that stack');
    checkOutputs(scope, Reflect.get(asset, 'dockerOutputs'));
    inspect(scope, asset);
    asset.repository.grantPull(reader);
    const platform = platformOfAsset(asset);
    return { reference: asset.imageUri, platforms: platform === undefined ? undefined : [platform], hasContentTag: true, _asset: asset };
  };
}

/** The platform that an asset is built for; undefined if Docker decides. */
export function platformOfAsset(asset: DockerImageAsset): string | undefined {
  const platform: unknown = Reflect.get(rulesOf(asset) ?? {}, 'platform');
  return isObject(platform) && typeof platform.platform === 'string' ? platform.platform : undefined;
}

/** The options with which CDK copied the directory. They include all options of the asset. */
function rulesOf(asset: DockerImageAsset): FingerprintOptions | undefined {
  const staging = stagingOf(asset);
  return staging && Reflect.get(staging, 'fingerprintOptions');
}

/** Warns about secrets and followed links. CDK has already copied the directory, so it is too late to exclude files. */
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
  const [staging, rules] = [stagingOf(asset), rulesOf(asset)];
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

/** Rejects an asset of another account, whose bootstrap repository does not allow pulls, or of another stage, which is deployed separately. */
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
