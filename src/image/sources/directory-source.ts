import * as path from 'path';
import { SymlinkFollowMode } from 'aws-cdk-lib';
import { DockerImageAsset, DockerImageAssetOptions, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct, IConstruct } from 'constructs';
import { BuildContext, ignoredByCdk, isOutside, outputWithin, readBuildContext, statOf } from './build-context';
import { checkOutputs } from './build-outputs';
import { quoted, reportLinks, warnOfSecretFiles, warnOfSecretOptions } from './build-warnings';
import { imageOf, platformsSource } from './platforms-source';
import { hashingDockerfile, isDockerfileElsewhere, stageDockerfile } from './staged-dockerfile';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';
import { DIRECTORY, DIRECTORY_SOURCE, DirectorySourceOptions, ImageSourceBinder } from '../image-source-config';

/** A build of a directory, for any platform. */
interface Build {
  readonly directory: string;
  readonly options: DockerImageAssetOptions & { readonly exclude: string[] };
  /** Whether the Dockerfile has to be copied into the staged directory. */
  readonly isDockerfileElsewhere: boolean;
}

/** An image that Docker builds from a directory: for one platform, or for each of several. */
export function directorySource(directory: string, options: DirectorySourceOptions): ImageSourceBinder {
  return (scope, bindOptions) => {
    checkBuild(scope, directory, options);
    const { platforms, ...build } = options;
    if (platforms !== undefined && build.platform !== undefined) {
      reject(scope, { property: 'platforms', must: 'come without platform', got: build.platform.platform, fix: 'Name all platforms in platforms.' });
    }
    const prepared = prepare(scope, directory, build);
    const binder = platforms === undefined
      ? builtSource(prepared)
      : platformsSource(platforms.map(platform => ({ bind: builtSource({ ...prepared, options: { ...prepared.options, platform } }) })));
    return binder(scope, bindOptions);
  };
}

/** Reads the build context once for all platforms, and decides how CDK treats the links in it. */
function prepare(scope: Construct, directory: string, build: DockerImageAssetOptions): Build {
  const { file = 'Dockerfile', followSymlinks } = build;
  checkDirectory(scope, directory);
  checkDockerfile(scope, directory, file);
  checkOutputs(scope, build.outputs);
  const exclude = [...build.exclude ?? [], ...outputWithin(scope, directory)];
  const ignore = ignoredByCdk(scope, directory, { ...build, exclude });
  const context = readBuildContext(directory, { ignore, follow: followSymlinks });
  checkLoop(scope, context, followSymlinks);
  const hasLeavingLinks = context.leavingLinks.length > 0;
  // CDK includes the mode in the hash, so the default mode stays where no link leads out. Such images are not built again.
  const follow = followSymlinks ?? (hasLeavingLinks ? SymlinkFollowMode.NEVER : undefined);
  warnOfSecretFiles(imageOf(scope), context.secretFiles);
  warnOfSecretOptions(imageOf(scope), build);
  if (followSymlinks === undefined) reportLinks(imageOf(scope), context.leavingLinks.filter(link => link !== path.posix.normalize(file)));
  const copiesTargets = followSymlinks === SymlinkFollowMode.ALWAYS || followSymlinks === SymlinkFollowMode.EXTERNAL;
  const isElsewhere = !copiesTargets && isDockerfileElsewhere({ directory, file }, ignore, hasLeavingLinks);
  const options = {
    // All options, because a newer aws-cdk-lib may have more of them.
    ...build,
    ...isElsewhere ? hashingDockerfile({ directory, file }, build) : {},
    followSymlinks: follow,
    // CDK stages equal assets once, but does not compare this mode. A comment in the list excludes nothing and makes them differ.
    exclude: follow === undefined ? exclude : [...exclude, `# followSymlinks: ${follow}`],
  };
  return { directory, options, isDockerfileElsewhere: isElsewhere };
}

function builtSource(build: Build): ImageSourceBinder {
  return (scope, { reader }) => {
    const { directory, options } = build;
    // Without a platform, Docker would build another image on an arm64 laptop than on an amd64 CI server.
    const platform = options.platform ?? Platform.LINUX_AMD64;
    // CDK adds to the list of exclusions that it is given.
    const asset = new DockerImageAsset(scope, 'Asset', { ...options, directory, platform, exclude: [...options.exclude] });
    if (build.isDockerfileElsewhere) stageDockerfile(asset, { directory, file: options.file ?? 'Dockerfile' });
    asset.repository.grantPull(reader);
    return { reference: asset.imageUri, platforms: [platform.platform], hasContentTag: true };
  };
}

function checkLoop(scope: Construct, { loop }: BuildContext, followSymlinks?: SymlinkFollowMode): void {
  if (loop !== undefined) {
    reject(scope, {
      property: 'followSymlinks', must: 'not follow links in a circle', got: followSymlinks,
      fix: `The directory ${quoted(loop)} contains itself. Leave followSymlinks out, or exclude the link.`,
    });
  }
}

function checkDirectory(scope: Construct, directory: string): void {
  if (!statOf(directory)?.isDirectory()) {
    reject(scope, {
      property: 'directory',
      must: 'be an existing directory',
      got: directory,
      fix: `Create ${path.resolve(directory)}, or give the path from the folder in which the CDK app runs.`,
    });
  }
}

function checkDockerfile(scope: Construct, directory: string, file: string): void {
  const rule = { property: 'file', must: 'name a Dockerfile inside the directory', got: file };
  if (path.isAbsolute(file) || isOutside(path.normalize(file))) {
    reject(scope, { ...rule, fix: 'Give its path from the directory; for one outside, build from a directory that has both.' });
  }
  if (!statOf(path.join(directory, file))?.isFile()) {
    reject(scope, { ...rule, fix: `Create ${path.resolve(directory, file)}, or name another file with 'file'.` });
  }
}

/** Checks the directory and the options of a build. */
export function checkBuild(scope: IConstruct, directory: string, options: DirectorySourceOptions): void {
  checkValue(scope, 'directory', directory, DIRECTORY);
  DIRECTORY_SOURCE.check(scope, '', options, 'options');
}
