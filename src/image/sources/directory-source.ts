import * as path from 'path';
import { DockerImageAsset, DockerImageAssetOptions, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { isOutside, outputWithin } from './output-within';
import { platformsSource } from './platforms-source';
import { statOf } from './stat-of';
import { reject } from '../../private/validation';
import { checkBuild } from '../build-checks';
import { ImageSourceBinder } from '../image-source-config';
import { DirectorySourceOptions } from '../image-source-options';

/** An image that Docker builds from a directory: for one platform, or for each of several. */
export function directorySource(directory: string, options: DirectorySourceOptions): ImageSourceBinder {
  return (scope, bindOptions) => {
    checkBuild(scope, directory, options);
    const { platforms, ...build } = options;
    const binder = platforms === undefined ? builtSource(directory, build) : directoryForPlatforms(directory, platforms, build);
    return binder(scope, bindOptions);
  };
}

function builtSource(directory: string, build: DockerImageAssetOptions): ImageSourceBinder {
  return (scope, { reader }) => {
    checkDirectory(scope, directory);
    checkDockerfile(scope, directory, build.file ?? 'Dockerfile');
    // A build that follows the machine would give an arm64 laptop another image than the CI server.
    const platform = build.platform ?? Platform.LINUX_AMD64;
    const exclude = [...build.exclude ?? [], ...outputWithin(scope, directory)];
    const asset = new DockerImageAsset(scope, 'Asset', { ...build, directory, platform, exclude });
    asset.repository.grantPull(reader);
    return { reference: asset.imageUri, platforms: [platform.platform], hasContentTag: true };
  };
}

/** The same directory, built for each platform. */
function directoryForPlatforms(directory: string, platforms: readonly Platform[], build: DockerImageAssetOptions): ImageSourceBinder {
  return (scope, options) => {
    if (build.platform !== undefined) {
      reject(scope, { property: 'platforms', must: 'come without platform', got: build.platform.platform, cure: 'Name all platforms in platforms.' });
    }
    return platformsSource(platforms.map(platform => ({ bind: builtSource(directory, { ...build, platform }) })))(scope, options);
  };
}

function checkDirectory(scope: Construct, directory: string): void {
  if (!statOf(directory)?.isDirectory()) {
    reject(scope, {
      property: 'directory',
      must: 'be an existing directory',
      got: directory,
      cure: `Create ${path.resolve(directory)}, or give the path from the folder in which the CDK app runs.`,
    });
  }
}

function checkDockerfile(scope: Construct, directory: string, file: string): void {
  const rule = { property: 'file', must: 'name a Dockerfile inside the directory', got: file };
  if (path.isAbsolute(file) || isOutside(path.normalize(file))) {
    reject(scope, { ...rule, cure: 'Give its path from the directory; for one outside, build from a directory that has both.' });
  }
  if (!statOf(path.join(directory, file))?.isFile()) {
    reject(scope, { ...rule, cure: `Create ${path.resolve(directory, file)}, or name another file with 'file'.` });
  }
}
