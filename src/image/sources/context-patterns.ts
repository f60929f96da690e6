import * as fs from 'fs';
import * as path from 'path';
import { IgnoreMode, IgnoreStrategy, Stage } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { entriesOf, statOf } from './build-context';
import { DockerIgnore, patternFor, readIgnoreFile } from './docker-ignore';
import { isOutside, withSlashes } from './portable-paths';
import { reject } from '../../private/validation';

/** The options of a build that select its files. */
export interface ContextSelection {
  readonly exclude: readonly string[];
  readonly ignoreMode?: IgnoreMode;
  /** The Dockerfile, as a path in the directory; undefined if it is outside. */
  readonly file?: string;
  /** The ignore file next to the Dockerfile, `Dockerfile.dockerignore`, which BuildKit reads instead of `.dockerignore`. */
  readonly ownIgnoreFile?: string;
}

/** The patterns that determine which files CDK copies. */
export interface ContextPatterns {
  /** The patterns to give to `DockerImageAsset`. */
  readonly exclude: string[];
  /** These patterns and those that `DockerImageAsset` adds. */
  readonly all: string[];
  /** The ignore strategy that CDK creates from all patterns. */
  readonly ignore: IgnoreStrategy;
}

/** Returns patterns with which CDK copies every file that Docker reads, unless `exclude` leaves it out. */
export function contextPatterns(scope: IConstruct, directory: string, selection: ContextSelection): ContextPatterns {
  const root = path.resolve(directory);
  const { exclude, ignoreMode = IgnoreMode.DOCKER, file, ownIgnoreFile } = selection;
  const strategyOf = (patterns: readonly string[]) => IgnoreStrategy.fromCopyOptions({ exclude: [...patterns], ignoreMode }, root);
  const outdir = Stage.of(scope)?.outdir ?? 'cdk.out';
  const common = readIgnoreFile(path.join(root, '.dockerignore'));
  const isDocker = ignoreMode === IgnoreMode.DOCKER;
  const own = isDocker && ownIgnoreFile !== undefined ? readIgnoreFile(ownIgnoreFile) : undefined;
  const ownPlace = ownIgnoreFile && path.relative(root, ownIgnoreFile);
  const keptFiles = [file, own && ownPlace && !isOutside(ownPlace) ? ownPlace : undefined];
  const kept = keptFiles.flatMap(each => each === undefined ? [] : keeping(each, isDocker));
  // In the same order as in DockerImageAsset.
  const all = (added: readonly string[]) => [
    '.is_custom_resource', ...common ?? [], ...added, ...common ? ['!.dockerignore'] : [], `!${path.basename(file ?? 'Dockerfile')}`, outdir,
  ];
  const given = exclude.map(pattern => withSlashes(pattern));
  const first = [...own ? ['!**', ...own] : [], ...given, ...kept];
  checkPatterns(scope, all(first), strategyOf, outdir, root);
  const missing = isDocker ? missingFiles(root, new DockerIgnore(own ?? common ?? []), strategyOf(all(first)), strategyOf([...given, outdir])) : [];
  const patterns = [...first, ...missing.map(place => `!${patternFor(place)}`)];
  return { exclude: patterns, all: all(patterns), ignore: strategyOf(all(patterns)) };
}

/** Patterns that keep the Dockerfile, which Docker reads even if it is ignored. CDK keeps it only if it is at the top level of the directory. */
function keeping(file: string, isDocker: boolean): string[] {
  const steps = path.normalize(file).split(path.sep);
  if (steps.length === 1 && steps[0] === 'Dockerfile') return [];
  // In other modes, a pattern for a file in an ignored directory has no effect.
  const first = isDocker ? steps.length - 1 : 0;
  return steps.slice(first).map((_, position) => `!${patternFor(steps.slice(0, first + position + 1).join('/'))}`);
}

/** The files and links that Docker reads but CDK would not copy. */
function missingFiles(root: string, docker: DockerIgnore, cdk: IgnoreStrategy, given: IgnoreStrategy): string[] {
  const missing: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of entriesOf(path.join(root, folder))) {
      const place = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const full = path.join(root, place);
      if (given.completelyIgnores(full)) continue;
      if (entry.isDirectory()) {
        if (!docker.ignoresAllIn(place)) visit(place);
      } else if (!docker.ignores(place) && cdk.ignores(full) && !given.ignores(full)) {
        missing.push(place);
      }
    }
  };
  visit('');
  return missing;
}

/** Rejects patterns that CDK cannot convert to regular expressions, because it does not escape all special characters. */
function checkPatterns(
  scope: IConstruct, patterns: string[], strategyOf: (patterns: string[]) => IgnoreStrategy, outdir: string, root: string,
): void {
  const broken = patterns.find(pattern => {
    try {
      strategyOf([pattern]).ignores(path.join(root, 'file'));
      return false;
    } catch {
      return true;
    }
  });
  if (broken === undefined) return;
  reject(scope, {
    property: 'directory', must: 'have files and patterns whose names CDK can read as regular expressions', got: broken, fix: broken === outdir
      ? 'Synthesize into a folder without such letters in its path.'
      : 'Write letters such as "+", "(" and ")" in brackets: "[+]".',
  });
}

/**
 * The output directory of the synthesis as a pattern to exclude, if it is inside the directory. Otherwise, each copy would contain the previous
 * copies. Throws if the directory is the output directory itself.
 */
export function outputWithin(scope: Construct, directory: string): string[] {
  // The assets of all stages are staged into the output directory of the app.
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

/** The real path of a file. If the file does not exist yet, the real path of its folder is used. */
function realPath(file: string): string {
  const full = path.resolve(file);
  if (statOf(full) || path.dirname(full) === full) return statOf(full) ? fs.realpathSync(full) : full;
  return path.join(realPath(path.dirname(full)), path.basename(full));
}

/** A pattern for exactly this path. `patternFor` can also match other paths, which is acceptable only in patterns that keep files. */
function asPattern(file: string): string {
  return withSlashes(file).replace(/[+(){}|[\]\\*?^]|^[#!]/g, letter => '+(){}|'.includes(letter) ? `[${letter}]` : `\\${letter}`);
}
