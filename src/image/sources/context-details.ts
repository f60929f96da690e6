import { isUtf8 } from 'buffer';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';

// The size of the chunks in which CDK reads text files.
const PIECE = 8 * 1024;
const PIECES = 128;

const USUAL_FILE = '0644';
const USUAL_DIRECTORY = '0755';

/**
 * The details of a build context that affect the image but not the hash of CDK: permissions, empty directories, line endings, and bytes that are
 * not text.
 *
 * A context without such details has the hash of CDK. On Windows, files have no permissions, and Docker makes all files executable.
 */
export class ContextDetails {
  private readonly lines: string[] = [];
  private readonly modes = new Map<string, string>();

  /** Adds a file that is copied. */
  public addFile(place: string, file: string): void {
    const mode = permissionsOf(fs.statSync(file));
    // Unless root copies a file, the copy has no setuid and setgid bits.
    if (!mode.startsWith('0')) this.modes.set(place, mode);
    this.addMode(place, mode, USUAL_FILE);
    const content = exactContent(file);
    if (content !== undefined) this.lines.push(`content ${content} ${place}`);
  }

  /** Adds a directory that is copied. CDK does not copy its permissions. */
  public addDirectory(place: string, directory: string, isEmpty: boolean): void {
    // The owner gets all permissions, so that CDK can write into the copy and users can delete it.
    const mode = permissionsOf(fs.statSync(directory)).replace(/^(.)./, '$17');
    this.modes.set(place, mode);
    this.addMode(place, mode, USUAL_DIRECTORY);
    if (isEmpty) this.lines.push(`directory ${place}`);
  }

  /** The details for the hash; undefined if there are none. */
  public get hash(): string | undefined {
    if (this.lines.length === 0) return undefined;
    return createHash('sha256').update(this.lines.sort().join('\0')).digest('hex');
  }

  /** Applies the permissions of the original directories, and the setuid and setgid bits of files, to their copies. */
  public apply(staged: string): void {
    if (process.platform === 'win32') return;
    for (const [place, mode] of this.modes) {
      const copy = path.join(staged, place);
      const stat = fs.lstatSync(copy, { throwIfNoEntry: false });
      if (stat && !stat.isSymbolicLink() && permissionsOf(stat) !== mode) fs.chmodSync(copy, mode);
    }
  }

  private addMode(place: string, mode: string, usual: string): void {
    // The write permission of the group is ignored, because it depends on the umask of the checkout.
    const steady = mode.replace(/[2367](?=.$)/, digit => String(Number(digit) - 2));
    if (process.platform !== 'win32' && steady !== usual) this.lines.push(`mode ${steady} ${place}`);
  }
}

/** Permissions as `chmod` takes them: `0755`. */
function permissionsOf({ mode }: fs.Stats): string {
  return mode.toString(8).slice(-4);
}

/**
 * The hash of the bytes of a file, if CDK does not hash all of them; otherwise undefined.
 *
 * CDK reads a file as text unless its first chunk contains a zero byte. It hashes CRLF as LF, and all bytes that are not UTF-8 as the same character.
 */
function exactContent(file: string): string | undefined {
  const descriptor = fs.openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(PIECES * PIECE);
    const hash = createHash('sha256');
    let isExact = true;
    for (let start = 0, length = 0; (length = fs.readSync(descriptor, buffer, 0, buffer.length, start)) > 0; start += length) {
      if (start === 0 && buffer.subarray(0, Math.min(PIECE, length)).includes(0)) return undefined;
      const bytes = buffer.subarray(0, length);
      hash.update(bytes);
      isExact = isExact && isHashedByCdk(bytes);
    }
    return isExact ? undefined : hash.digest('hex');
  } finally {
    fs.closeSync(descriptor);
  }
}

function isHashedByCdk(bytes: Buffer): boolean {
  for (let start = 0; start < bytes.length; start += PIECE) {
    const piece = bytes.subarray(start, start + PIECE);
    if (piece.at(-1) === 0x0d || piece.includes('\r\n') || !isUtf8(piece)) return false;
  }
  return true;
}
