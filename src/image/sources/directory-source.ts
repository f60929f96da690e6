import * as fs from 'fs';
import * as path from 'path';
import { SymlinkFollowMode } from 'aws-cdk-lib';
import { DockerImageAsset, DockerImageAssetOptions, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct, IConstruct } from 'constructs';
import { BuildContext, ContextRules, readBuildContext, statOf, UnreadableFile } from './build-context';
import { checkOutputs } from './build-outputs';
import { quoted, reportLinks, warnOfSecretFiles, warnOfSecretOptions } from './build-warnings';
import { ContextDetails } from './context-details';
import { contextPatterns, ContextPatterns, outputWithin } from './context-patterns';
import { imageOf, platformsSource } from './platforms-source';
import { BACKSLASHES_FIX, isOutside as isOutsidePath, pathIn, secretWithoutPlace } from './portable-paths';
import { stageBuildContexts, stageOutsideDockerfile, withDockerfile } from './staged-contexts';
import { dockerfileHash, DockerfilePlace, hashing, isDockerfileElsewhere, stageDockerfile, stagingOf } from './staged-dockerfile';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';
import { DIRECTORY, DIRECTORY_SOURCE, ImageSourceDirectoryOptions, ImageSourceBinder } from '../image-source-config';

/** A build of a directory, for any platform. */
interface Build {
  readonly directory: string;
  readonly options: DockerImageAssetOptions & { readonly exclude: string[] };
  readonly details: ContextDetails;
  /** Whether the Dockerfile has to be copied into the staged directory. */
  readonly isDockerfileElsewhere: boolean;
  /** The path of a Dockerfile outside of the directory, as passed to Docker. @default - it is inside */
  readonly outsideDockerfile?: string;
}

/** An image that Docker builds from a directory: for one platform, or for each of several. */
export function directorySource(directory: string, options: ImageSourceDirectoryOptions): ImageSourceBinder {
  return (scope, bindOptions) => {
    checkBuild(scope, directory, options);
    const { platforms, builder: _, ...build } = options;
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

/** A build context that was read and checked. */
export interface PreparedContext {
  /** The path of the Dockerfile from the directory. */
  readonly file: string;
  /** The full path of the Dockerfile. */
  readonly dockerfile: string;
  /** Whether the Dockerfile is outside of the directory. */
  readonly isOutside: boolean;
  /** Whether the Dockerfile has to be copied into the staged directory. */
  readonly isDockerfileElsewhere: boolean;
  /** How CDK treats links. */
  readonly follow?: SymlinkFollowMode;
  readonly patterns: ContextPatterns;
  readonly details: ContextDetails;
  /** Texts to add to the hash of the asset, because the hash of CDK does not include them. */
  readonly hashes: string[];
}

/** Reads the build context, and decides how CDK treats the links in it. */
export function prepareContext(scope: Construct, directory: string, given: DockerImageAssetOptions): PreparedContext {
  const { followSymlinks } = given;
  checkDirectory(scope, directory);
  const file = dockerfileIn(scope, directory, given.file);
  const isOutside = isOutsidePath(file);
  const dockerfile = path.resolve(directory, file);
  const patterns = contextPatterns(scope, directory, {
    exclude: [...given.exclude ?? [], ...outputWithin(scope, directory)], ignoreMode: given.ignoreMode, file: isOutside ? undefined : file,
    ownIgnoreFile: `${dockerfile}.dockerignore`,
  });
  const { ignore } = patterns;
  const context = readContext(scope, directory, { ignore, follow: followSymlinks, withDetails: true });
  checkLoop(scope, directory, context, followSymlinks);
  const hasLeavingLinks = context.leavingLinks.length > 0;
  warnOfSecretFiles(imageOf(scope), context.secretFiles);
  warnOfSecretOptions(imageOf(scope), given);
  if (followSymlinks === undefined) reportLinks(imageOf(scope), context.leavingLinks.filter(link => link !== path.posix.normalize(file)));
  const copiesTargets = followSymlinks === SymlinkFollowMode.ALWAYS || followSymlinks === SymlinkFollowMode.EXTERNAL;
  const isElsewhere = !isOutside && !copiesTargets && isDockerfileElsewhere({ directory, file }, ignore, hasLeavingLinks);
  return {
    file, dockerfile, isOutside, isDockerfileElsewhere: isElsewhere, patterns, details: context.details,
    // CDK includes the mode in the hash. Without links that lead out, the default mode stays, so that existing images are not built again.
    follow: followSymlinks ?? (hasLeavingLinks ? SymlinkFollowMode.NEVER : undefined),
    hashes: [
      ...dockerfileHashes({ directory, file }, { isElsewhere, isOutside }),
      ...context.details.hash === undefined ? [] : [`Details:${context.details.hash}`],
    ],
  };
}

/** Reads the build context once for all platforms. */
function prepare(scope: Construct, directory: string, given: DockerImageAssetOptions): Build {
  checkOutputs(scope, given.outputs);
  const context = prepareContext(scope, directory, given);
  const { file, isOutside, isDockerfileElsewhere: isElsewhere, patterns: { exclude }, details, follow, hashes } = context;
  const secrets = secretsWithoutPlaces(given);
  const { extraHash, invalidation } = hashing([...hashes, ...secrets === undefined ? [] : [secrets]], given);
  const options = {
    // All options, including those that newer versions of aws-cdk-lib add.
    ...given,
    ...given.file === undefined ? {} : { file },
    ...given.buildContexts && { buildContexts: stageBuildContexts(scope, directory, given.buildContexts) },
    extraHash,
    invalidation: secrets === undefined ? invalidation : { ...invalidation, buildSecrets: false },
    followSymlinks: follow,
    // CDK stages equal assets once, but does not compare this mode. A comment in the list excludes nothing, but makes such assets differ.
    exclude: follow === undefined ? exclude : [...exclude, `# followSymlinks: ${follow}`],
  };
  return {
    directory, options, details, isDockerfileElsewhere: isElsewhere,
    outsideDockerfile: isOutside ? stageOutsideDockerfile(scope, context.dockerfile) : undefined,
  };
}

/** Hashes of a Dockerfile that CDK does not copy or hash with the directory, and of its ignore file. */
function dockerfileHashes(
  place: DockerfilePlace, { isElsewhere, isOutside }: { readonly isElsewhere: boolean; readonly isOutside: boolean },
): string[] {
  const ignoreFile = { ...place, file: `${place.file}.dockerignore` };
  return [
    ...isElsewhere || isOutside ? [dockerfileHash(place)] : [],
    ...isOutside && statOf(path.resolve(place.directory, ignoreFile.file))?.isFile() ? [dockerfileHash(ignoreFile)] : [],
  ];
}

function builtSource(build: Build): ImageSourceBinder {
  return (scope, { reader }) => {
    const { directory, options } = build;
    // Without a platform, an arm64 laptop and an amd64 CI server would build different images.
    const platform = options.platform ?? Platform.LINUX_AMD64;
    // A copy of the list, because CDK adds to it.
    const asset = withDockerfile(scope, build.outsideDockerfile, () => (
      new DockerImageAsset(scope, 'Asset', { ...options, directory, platform, exclude: [...options.exclude] })
    ));
    if (build.isDockerfileElsewhere) stageDockerfile(stagingOf(asset), { directory, file: options.file ?? 'Dockerfile' });
    const { absoluteStagedPath: staged, sourcePath } = stagingOf(asset) ?? {};
    if (staged !== undefined && staged !== sourcePath) build.details.apply(staged);
    asset.repository.grantPull(reader);
    return { reference: asset.imageUri, platforms: [platform.platform], hasContentTag: true, _asset: asset };
  };
}

/** The build secrets for the hash, without file locations that are different on another machine. */
function secretsWithoutPlaces({ buildSecrets, invalidation }: DockerImageAssetOptions): string | undefined {
  if (buildSecrets === undefined || invalidation?.buildSecrets === false) return undefined;
  const secrets = Object.entries(buildSecrets).map(([id, value]) => [id, secretWithoutPlace(value)]);
  return secrets.every(([id, value]) => buildSecrets[id] === value) ? undefined : `Secrets:${JSON.stringify(secrets)}`;
}

function readContext(scope: Construct, directory: string, rules: ContextRules): BuildContext {
  try {
    return readBuildContext(directory, rules);
  } catch (problem) {
    if (!(problem instanceof UnreadableFile)) throw problem;
    return reject(scope, {
      property: 'directory', must: 'have only files that can be read', got: problem.place, fix: 'Change its permissions, or list it in .dockerignore.',
    });
  }
}

function checkLoop(scope: Construct, directory: string, { loop }: BuildContext, followSymlinks?: SymlinkFollowMode): void {
  if (loop === undefined) return;
  const steps = loop.split('/').map((_, position, all) => all.slice(0, position + 1).join('/'));
  const link = steps.filter(step => fs.lstatSync(path.join(directory, step)).isSymbolicLink()).pop();
  reject(scope, {
    property: 'followSymlinks', must: 'not follow links in a circle', got: followSymlinks, fix: [
      `The directory ${quoted(loop)} contains itself. Leave followSymlinks out, or exclude the link.`,
      ...link === undefined ? [] : [`The link is ${quoted(link)}, and leads to ${quoted(fs.readlinkSync(path.join(directory, link)))}.`],
    ].join(' '),
  });
}

function checkDirectory(scope: Construct, directory: string): void {
  if (!statOf(directory)?.isDirectory()) {
    reject(scope, { property: 'directory', must: 'be an existing directory', got: directory, fix: directoryFix(directory) });
  }
}

function directoryFix(directory: string): string {
  if (directory.includes('\\') && path.sep === '/') return BACKSLASHES_FIX;
  if (statOf(directory) !== undefined) {
    return `This is a file. Pass its folder, ${quoted(path.dirname(directory))}, and name the Dockerfile with 'file' if its name is not "Dockerfile".`;
  }
  return `Create ${path.resolve(directory)}, or give the path from the folder in which the CDK app runs.`;
}

/** The path of the Dockerfile from the directory. */
function dockerfileIn(scope: Construct, directory: string, given = 'Dockerfile'): string {
  const isFile = (file: string) => statOf(path.resolve(directory, file))?.isFile() === true;
  const file = pathIn(directory, given, isFile);
  if (!isFile(file)) {
    reject(scope, {
      property: 'file', must: 'name a Dockerfile that exists', got: given,
      fix: `Create ${path.resolve(directory, given)}, or name another file with 'file'. Its path starts at the directory.`,
    });
  }
  return file;
}

/** Checks the directory and the options of a build. */
export function checkBuild(scope: IConstruct, directory: string, options: ImageSourceDirectoryOptions): void {
  checkValue(scope, 'directory', directory, DIRECTORY);
  DIRECTORY_SOURCE.check(scope, '', options, 'options');
}
