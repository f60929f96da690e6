import * as fs from 'fs';
import * as path from 'path';
import { IgnoreStrategy, SymlinkFollowMode } from 'aws-cdk-lib';
import { ContextDetails } from './context-details';
import { isOutside } from './portable-paths';
import { suspectOf } from './secret-files';
import { undefinedIfThrows } from '../../private/undefined-if-throws';

/** The rules with which CDK copies a build context. */
export interface ContextRules {
  readonly ignore: IgnoreStrategy;
  /** @default - no link is followed */
  readonly follow?: SymlinkFollowMode;
  /** Whether to read all files for the details. @default false */
  readonly withDetails?: boolean;
}

/** The findings in a build context. All paths are relative to it, with slashes, and sorted. */
export interface BuildContext {
  /** Links whose target is outside of the context or absolute. */
  readonly leavingLinks: string[];
  /** Files and directories that often hold secrets. */
  readonly secretFiles: string[];
  /** A directory that contains itself through a followed link. CDK would copy it endlessly. @default - none */
  readonly loop?: string;
  /** The details that the hash of CDK does not include. */
  readonly details: ContextDetails;
}

/**
 * Reads a build context: the names of all files, the beginning of files that may hold a secret and, for the details, the content of text files.
 *
 * @throws UnreadableFile if a file that CDK would copy cannot be read
 */
export function readBuildContext(directory: string, rules: ContextRules): BuildContext {
  return new ContextReader(path.resolve(directory), rules).read();
}

/** The error for a file that cannot be read. Docker could not read it either. */
export class UnreadableFile extends Error {
  constructor(public readonly place: string) {
    super(place);
  }
}

const ROUNDS = 3;

/** Reads one build context. A `place` is a path in the context, with slashes. */
class ContextReader {
  private readonly leavingLinks = new Set<string>();
  private readonly secretFiles = new Set<string>();
  private readonly repeated = new Map<string, string>();
  private readonly details = new ContextDetails();
  private loop?: string;

  constructor(private readonly root: string, private readonly rules: ContextRules) {}

  public read(): BuildContext {
    this.visit('', undefinedIfThrows(() => fs.realpathSync(this.root)), []);
    return { leavingLinks: [...this.leavingLinks].sort(), secretFiles: [...this.secretFiles].sort(), loop: this.loop, details: this.details };
  }

  /**
   * @param real the real path of the directory, which differs below a link that is followed
   * @param parents the real paths of the directories around it, starting with the context
   * @returns whether CDK copies anything that is in it
   */
  private visit(place: string, real: string | undefined, parents: string[]): boolean {
    if (real === undefined || (parents.includes(real) && this.isLoop(place, real, parents))) return false;
    const around = [...parents, real];
    let isAnyCopied = false;
    for (const entry of entriesOf(this.full(place))) {
      const inside = place === '' ? entry.name : `${place}/${entry.name}`;
      let isCopied = false;
      if (entry.isDirectory()) {
        isCopied = this.descend(inside, path.join(real, entry.name), around);
      } else if (entry.isSymbolicLink()) {
        isCopied = this.link(inside, real, around);
      } else if (entry.isFile()) {
        isCopied = this.file(inside);
      }
      isAnyCopied ||= isCopied;
    }
    return isAnyCopied;
  }

  private descend(place: string, real: string | undefined, parents: string[]): boolean {
    const full = this.full(place);
    if (this.rules.ignore.completelyIgnores(full)) return false;
    const hasContent = this.visit(place, real, parents);
    const isCopied = hasContent || !this.rules.ignore.ignores(full);
    if (isCopied && this.rules.withDetails) this.details.addDirectory(place, full, !hasContent);
    return isCopied;
  }

  private link(place: string, real: string, parents: string[]): boolean {
    const full = this.full(place);
    const target = undefinedIfThrows(() => fs.readlinkSync(full));
    if (target === undefined || this.rules.ignore.completelyIgnores(full)) return false;
    if (leaves(place, target)) this.leavingLinks.add(place);
    // CDK uses the path in the context to copy, and the real path to hash.
    const isFollowed = this.isFollowed(path.resolve(path.dirname(full), target), this.root);
    const stat = statOf(full);
    if (!isFollowed && !this.isFollowed(path.resolve(real, target), parents[0])) return !this.rules.ignore.ignores(full);
    if (stat?.isDirectory()) return this.descend(place, undefinedIfThrows(() => fs.realpathSync(full)), parents);
    // Pipes are never opened, because reading would wait for a writer.
    return stat?.isFile() === true && this.file(place);
  }

  /** @returns whether CDK copies it */
  private file(place: string): boolean {
    const full = this.full(place);
    const { ignore, withDetails } = this.rules;
    const suspect = suspectOf(place);
    if (!withDetails && suspect === undefined) return true;
    // Older versions of aws-cdk-lib do not copy files that match a pattern for directories, but include them in the hash.
    if (ignore.ignores(full)) return false;
    if (suspect !== undefined && !this.secretFiles.has(suspect.path) && suspect.isConfirmed(full)) this.secretFiles.add(suspect.path);
    if (withDetails && undefinedIfThrows(() => { this.details.addFile(place, full); return true; }) === undefined) throw new UnreadableFile(place);
    return true;
  }

  /** Whether CDK follows a link. Like CDK, this compares the beginnings of the paths. */
  private isFollowed(target: string, root: string): boolean {
    switch (this.rules.follow) {
      case SymlinkFollowMode.ALWAYS: return true;
      case SymlinkFollowMode.EXTERNAL: return !target.startsWith(root);
      case SymlinkFollowMode.BLOCK_EXTERNAL: return target.startsWith(root);
      default: return false;
    }
  }

  /** Whether a directory contains itself. An ignore pattern may end the descent after some rounds, so only the third round counts as a loop. */
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

/** Whether a link leads out of the context. Only the text of the link counts, because its target may not exist on every machine. */
function leaves(place: string, target: string): boolean {
  return path.isAbsolute(target) || isOutside(path.join(path.dirname(place), target));
}

/** The entries of a directory. Empty if it cannot be read: CDK reads the directory too, and reports the error. */
export function entriesOf(folder: string): fs.Dirent[] {
  return undefinedIfThrows(() => fs.readdirSync(folder, { withFileTypes: true })) ?? [];
}

/** The file status of a path; undefined if the path does not exist. */
export function statOf(file: string): fs.Stats | undefined {
  return undefinedIfThrows(() => fs.statSync(file));
}
