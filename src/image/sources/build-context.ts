import * as fs from 'fs';
import * as path from 'path';
import { IgnoreMode, IgnoreStrategy, Stage, SymlinkFollowMode } from 'aws-cdk-lib';
import { DockerImageAssetOptions } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct, IConstruct } from 'constructs';
import { suspectOf } from './secret-files';
import { reject } from '../../private/validation';

/** The rules by which CDK copies a directory as a build context. */
export interface ContextRules {
  readonly ignore: IgnoreStrategy;
  /** @default - no link is followed */
  readonly follow?: SymlinkFollowMode;
}

/** The findings in a build context. All paths are relative to it, with slashes, and sorted. */
export interface BuildContext {
  /** Links whose target is outside of the context or absolute. */
  readonly leavingLinks: string[];
  /** Files and directories that often hold secrets. */
  readonly secretFiles: string[];
  /** A directory that contains itself, because a link to it is followed. CDK would copy it without end. @default - none */
  readonly loop?: string;
}

/** The strategy by which CDK ignores files: the patterns of `DockerImageAsset` and `AssetStaging`, in their order. */
export function ignoredByCdk(scope: IConstruct, directory: string, { file = 'Dockerfile', exclude = [], ignoreMode }: DockerImageAssetOptions): IgnoreStrategy {
  const dockerignore = path.join(directory, '.dockerignore');
  const own = statOf(dockerignore)?.isFile()
    ? [...fs.readFileSync(dockerignore, 'utf8').split('\n').filter(line => line !== ''), ...exclude, '!.dockerignore']
    : exclude;
  const patterns = ['.is_custom_resource', ...own, `!${path.basename(file)}`, Stage.of(scope)?.outdir ?? 'cdk.out'];
  return IgnoreStrategy.fromCopyOptions({ exclude: patterns, ignoreMode: ignoreMode ?? IgnoreMode.DOCKER }, path.resolve(directory));
}

/** Reads the names in a build context once, and the beginning of the few files that may hold a secret. */
export function readBuildContext(directory: string, rules: ContextRules): BuildContext {
  return new ContextReader(path.resolve(directory), rules).read();
}

const ROUNDS = 3;

/** A `place` is a path in the context, with slashes. */
class ContextReader {
  private readonly leavingLinks = new Set<string>();
  private readonly secretFiles = new Set<string>();
  private readonly repeated = new Map<string, string>();
  private loop?: string;

  constructor(private readonly root: string, private readonly rules: ContextRules) {}

  public read(): BuildContext {
    this.visit('', unlessFails(() => fs.realpathSync(this.root)), []);
    return { leavingLinks: [...this.leavingLinks].sort(), secretFiles: [...this.secretFiles].sort(), loop: this.loop };
  }

  /**
   * @param real the real path of the directory, which differs below a link that is followed
   * @param parents the real paths of the directories around it, starting with the context
   */
  private visit(place: string, real: string | undefined, parents: string[]): void {
    if (real === undefined || (parents.includes(real) && this.isLoop(place, real, parents))) return;
    const around = [...parents, real];
    for (const entry of this.entriesOf(place)) {
      const inside = place === '' ? entry.name : `${place}/${entry.name}`;
      if (entry.isDirectory()) {
        this.descend(inside, path.join(real, entry.name), around);
      } else if (entry.isSymbolicLink()) {
        this.link(inside, real, around);
      } else if (entry.isFile()) {
        this.file(inside);
      }
    }
  }

  /** An unreadable directory is skipped: CDK reads it too, and fails with the reason. */
  private entriesOf(place: string): fs.Dirent[] {
    return unlessFails(() => fs.readdirSync(this.full(place), { withFileTypes: true })) ?? [];
  }

  private descend(place: string, real: string | undefined, parents: string[]): void {
    if (!this.rules.ignore.completelyIgnores(this.full(place))) this.visit(place, real, parents);
  }

  private link(place: string, real: string, parents: string[]): void {
    const full = this.full(place);
    const target = unlessFails(() => fs.readlinkSync(full));
    if (target === undefined || this.rules.ignore.completelyIgnores(full)) return;
    if (leaves(place, target)) this.leavingLinks.add(place);
    // CDK copies by the path in the context, and hashes by the real one.
    const isCopied = this.isFollowed(path.resolve(path.dirname(full), target), this.root);
    if (!isCopied && !this.isFollowed(path.resolve(real, target), parents[0])) return;
    const stat = statOf(full);
    if (stat?.isDirectory()) this.descend(place, unlessFails(() => fs.realpathSync(full)), parents);
    // Pipes are never opened, because reading would wait for a writer.
    if (stat?.isFile()) this.file(place);
  }

  private file(place: string): void {
    const suspect = suspectOf(place);
    if (suspect === undefined || this.secretFiles.has(suspect.path)) return;
    const full = this.full(place);
    const { ignore } = this.rules;
    if (!ignore.completelyIgnores(full) && !ignore.ignores(full) && suspect.isConfirmed(full)) this.secretFiles.add(suspect.path);
  }

  /** The decision of CDK, which compares the beginnings of the paths. */
  private isFollowed(target: string, root: string): boolean {
    switch (this.rules.follow) {
      case SymlinkFollowMode.ALWAYS: return true;
      case SymlinkFollowMode.EXTERNAL: return !target.startsWith(root);
      case SymlinkFollowMode.BLOCK_EXTERNAL: return target.startsWith(root);
      default: return false;
    }
  }

  /** An ignore pattern may end the descent after some rounds, so only the third round counts as a loop. */
  private isLoop(place: string, real: string, parents: string[]): boolean {
    const first = this.repeated.get(real) ?? place;
    this.repeated.set(real, first);
    if (parents.filter(parent => parent === real).length < ROUNDS) return false;
    this.loop ??= first;
    return true;
  }

  private full(place: string): string {
    return path.join(this.root, place);
  }
}

/** Whether a link leads out of the context. Only its text counts, because the target may exist on one machine and not on another. */
function leaves(place: string, target: string): boolean {
  return path.isAbsolute(target) || isOutside(path.join(path.dirname(place), target));
}

function unlessFails<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * The output of the synthesis as a pattern to leave out, if it is inside the directory: else each copy would hold the
 * one before it, without end. Throws when the directory is the output itself.
 */
export function outputWithin(scope: Construct, directory: string): string[] {
  // Assets of all stages are staged into the output of the app.
  const { root } = scope.node;
  if (!Stage.isStage(root)) return [];
  const output = path.relative(realPath(directory), realPath(root.outdir));
  if (output === '') {
    reject(scope, {
      property: 'directory', must: 'not be the output folder of the synthesis', got: directory, fix: 'Build from a folder that has only the app in it.',
    });
  }
  return isOutside(output) ? [] : [asPattern(output)];
}

/** Whether a relative path leads out of its folder. */
export function isOutside(relative: string): boolean {
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
}

/** The output may not be there yet, but its folder is. */
function realPath(file: string): string {
  const full = path.resolve(file);
  if (fs.existsSync(full) || path.dirname(full) === full) return fs.existsSync(full) ? fs.realpathSync(full) : full;
  return path.join(realPath(path.dirname(full)), path.basename(full));
}

/** Letters that mean something in a `.dockerignore` mean themselves. */
function asPattern(file: string): string {
  return file.split(path.sep).join('/').replace(/[\\[\]*?]|^[#!]/g, '\\$&');
}

/** What is at a path, if anything can be there at all. */
export function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file);
  } catch {
    return undefined;
  }
}
