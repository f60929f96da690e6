import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { AssetStaging, IgnoreMode, IgnoreStrategy } from 'aws-cdk-lib';
import { DockerCacheOption } from 'aws-cdk-lib/aws-ecr-assets';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { statOf } from './build-context';
import { archiveDirectory } from './context-archive';
import { checkBuild, prepareContext, PreparedContext } from './directory-source';
import { checkRemote, checkSize, remotePlatforms } from './remote-rules';
import { NamedContext, namedContext, stageContext } from './staged-contexts';
import { stageDockerfile } from './staged-dockerfile';
import { CONTEXT } from '../../build/buildspec';
import { PlatformBuild } from '../../build/image-build';
import { ImageBuilder } from '../../build/image-builder';
import { ImageSourceDirectoryOptions } from '../image-source-config';

/** An image that is built remotely. The repository checks the builder, because a cache needs tags of the repository. */
export interface RemoteBuild {
  readonly builder: ImageBuilder;
  /** Checks the build and creates its source. */
  stage(scope: Construct): StagedBuild;
}

/** A remote build that is ready to start. */
export interface StagedBuild {
  readonly builds: readonly PlatformBuild[];
  /** The archives of the source. */
  readonly source: Asset;
  /** The arguments of `docker buildx build`. Paths in them start at the folder with the unpacked archives. */
  readonly arguments: readonly string[];
  /** Arguments that do not affect whether an image that was built before is reused. */
  readonly uncountedArguments: readonly string[];
}

// The folder of a Dockerfile that is outside of the build context.
const DOCKERFILE = 'dockerfile';
// The version of the archive format, part of the hash. Increase it when the format changes.
const FORMAT = '1';

/** The build of a directory with a builder. */
export function remoteBuild(directory: string, options: ImageSourceDirectoryOptions & { readonly builder: ImageBuilder }): RemoteBuild {
  const { builder } = options;
  return {
    builder,
    stage: scope => {
      checkBuild(scope, directory, options);
      checkRemote(scope, directory, options);
      const context = prepareContext(scope, directory, options);
      checkSize(scope, directory, context.patterns.ignore);
      const contexts = Object.entries(options.buildContexts ?? {}).sort(([one], [other]) => one < other ? -1 : 1)
        .map(([name, value]) => ({ name, value, ...namedContext(directory, value) }));
      return {
        builds: remotePlatforms(scope, options),
        source: new SourceArchives(scope, directory, options, context, contexts).asset(),
        ...argumentsOf(options, context, contexts),
      };
    },
  };
}

interface Context extends NamedContext {
  readonly name: string;
  readonly value: string;
}

/** The archives of one source, in the order of their names. */
class SourceArchives {
  private readonly archives: { readonly name: string; readonly directory: string; readonly ignore?: IgnoreStrategy }[] = [];
  private readonly hashes: string[] = [FORMAT];

  constructor(
    private readonly scope: Construct, private readonly directory: string, private readonly options: ImageSourceDirectoryOptions,
    private readonly context: PreparedContext, private readonly contexts: readonly Context[],
  ) {}

  public asset(): Asset {
    this.addContext();
    this.contexts.forEach(({ root, hasIgnoreFile }, position) => {
      if (root !== undefined) this.add(folderOf(position), stageContext(this.scope, `Context${position + 1}`, root, hasIgnoreFile), root);
    });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'image-source-'));
    for (const { name, directory, ignore } of this.archives) {
      archiveDirectory(directory, path.join(folder, `${name}.tar`), file => ignore !== undefined && (ignore.completelyIgnores(file) || isIgnoredFile(ignore, file)));
    }
    this.addDockerfile(folder);
    const assetHash = createHash('sha256').update(JSON.stringify(this.hashes)).digest('hex');
    const asset = new Asset(this.scope, 'Source', { path: folder, assetHash });
    // Without staging, the CDK CLI reads the folder itself.
    if (!asset.assetPath.startsWith(folder)) fs.rmSync(folder, { recursive: true });
    return asset;
  }

  private addContext(): void {
    const { options, context: { file, follow, patterns, details, hashes, isDockerfileElsewhere }, directory } = this;
    const extraHash = options.invalidation?.extraHash === false ? '' : options.extraHash ?? '';
    const staging = new AssetStaging(this.scope, 'Context', {
      sourcePath: directory, exclude: patterns.all, ignoreMode: options.ignoreMode ?? IgnoreMode.DOCKER, follow,
      extraHash: [extraHash, ...hashes].join(),
    });
    if (isDockerfileElsewhere) stageDockerfile(staging, { directory, file });
    if (staging.absoluteStagedPath !== staging.sourcePath) details.apply(staging.absoluteStagedPath);
    this.add(CONTEXT, staging, path.resolve(directory), patterns.ignore);
  }

  private add(name: string, { absoluteStagedPath, sourcePath, assetHash }: AssetStaging, root: string, ignore?: IgnoreStrategy): void {
    // Without staging, the directory itself is read, with the files that CDK would have left out.
    const isStaged = path.resolve(absoluteStagedPath) !== path.resolve(sourcePath);
    this.archives.push({ name, directory: isStaged ? absoluteStagedPath : root, ignore: isStaged ? undefined : ignore });
    this.hashes.push(name, assetHash);
  }

  /** A Dockerfile outside of the directory, with its own ignore file. Its content is part of the hash of the context. */
  private addDockerfile(folder: string): void {
    const { context: { dockerfile, isOutside } } = this;
    if (!isOutside) return;
    const files = fs.mkdtempSync(path.join(os.tmpdir(), 'dockerfile-'));
    try {
      for (const file of [dockerfile, `${dockerfile}.dockerignore`].filter(each => statOf(each)?.isFile())) {
        fs.copyFileSync(file, path.join(files, path.basename(file)));
      }
      archiveDirectory(files, path.join(folder, `${DOCKERFILE}.tar`));
    } finally {
      fs.rmSync(files, { recursive: true });
    }
  }
}

function isIgnoredFile(ignore: IgnoreStrategy, file: string): boolean {
  return !fs.lstatSync(file).isDirectory() && ignore.ignores(file);
}

function folderOf(position: number): string {
  return `${CONTEXT}-${position + 1}`;
}

/** The arguments: those that determine the image, and the others. */
function argumentsOf(
  options: ImageSourceDirectoryOptions, { file, dockerfile, isOutside }: PreparedContext, contexts: readonly Context[],
): Pick<StagedBuild, 'arguments' | 'uncountedArguments'> {
  const { buildArgs = {}, target, networkMode, invalidation = {}, cacheDisabled, cacheFrom = [], cacheTo } = options;
  const counted: string[] = [];
  const uncounted: string[] = [];
  const add = (counts: boolean | undefined, ...args: string[]) => { (counts === false ? uncounted : counted).push(...args); };
  const names = Object.keys(buildArgs).sort();
  add(invalidation.buildArgs, ...names.flatMap(name => ['--build-arg', `${name}=${buildArgs[name]}`]));
  add(invalidation.buildContexts, ...contexts.flatMap(({ name, value, root, at }, position) => (
    ['--build-context', `${name}=${root === undefined ? value : at(folderOf(position))}`]
  )));
  if (target !== undefined) add(invalidation.target, '--target', target);
  if (networkMode !== undefined) add(invalidation.networkMode, '--network', networkMode.mode, ...networkMode.mode === 'host' ? ['--allow', 'network.host'] : []);
  add(invalidation.file, '--file', isOutside ? `${DOCKERFILE}/${path.basename(dockerfile)}` : `${CONTEXT}/${path.posix.normalize(file)}`);
  add(false, ...cacheFrom.flatMap(cache => ['--cache-from', formatCache(cache)]), ...cacheTo === undefined ? [] : ['--cache-to', formatCache(cacheTo)]);
  if (cacheDisabled) add(false, '--no-cache');
  return { arguments: [...counted, CONTEXT], uncountedArguments: uncounted };
}

/** A cache as the CDK CLI writes it. */
function formatCache({ type, params = {} }: DockerCacheOption): string {
  return [`type=${type}`, ...Object.entries(params).map(([name, value]) => `${name}=${value}`)].join(',');
}
