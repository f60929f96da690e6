import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';

const BLOCK = 512;
const CHUNK = 1024 * 1024;
// The maximum size of names and extended headers.
const MAX_NAME = 64 * 1024;
const MAX_LINKS = 8;

/** The compression of a file. `unknown` if it is neither a tar archive nor compressed. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'unknown';

/** The position of the content of a file in an archive. */
export interface TarFile {
  readonly offset: number;
  readonly size: number;
}

/** A tar archive on disk, of which only headers and the requested files are read. */
export class TarArchive {
  private readonly files = new Map<string, TarFile>();
  private readonly links = new Map<string, string>();

  /**
   * Reads all headers.
   *
   * @throws Error if a header is damaged or the archive is cut off
   */
  constructor(private readonly descriptor: number) {
    const { size: end } = fs.fstatSync(descriptor);
    let position = 0;
    let given: Extended = {};
    while (position < end) {
      const header = this.bytes(position, BLOCK);
      if (header.every(byte => byte === 0)) break;
      if (!isHeader(header)) throw new Error(`the header at byte ${position} is damaged`);
      const type = String.fromCharCode(header[156]);
      const file = { offset: position + BLOCK, size: given.size ?? numberAt(header, 124, 12) };
      position = file.offset + Math.ceil(file.size / BLOCK) * BLOCK;
      if (file.offset + file.size > end) throw new Error('the end is missing');
      if (type === 'x' || type === 'L' || type === 'K') {
        given = { ...given, ...this.extended(type, file) };
      } else if (type !== 'g') {
        this.add(type, given.path ?? nameOf(header), given.linkpath ?? textAt(header, 157, 100), file);
        given = {};
      }
    }
  }

  /** A file by its path, through links; undefined if there is none. */
  public find(name: string): TarFile | undefined {
    let target = normal(name);
    for (let followed = 0; followed < MAX_LINKS && this.links.has(target); followed++) target = this.links.get(target) ?? '';
    return this.files.get(target);
  }

  /** The paths of all files. */
  public get names(): string[] {
    return [...this.files.keys()];
  }

  /** The content of a file; undefined if it is larger than the limit. */
  public read({ offset, size }: TarFile, limit: number): Buffer | undefined {
    return size > limit ? undefined : this.bytes(offset, size);
  }

  /** Copies the content of a file in pieces. */
  public copy({ offset, size }: TarFile, write: (piece: Buffer) => void): void {
    for (let done = 0; done < size; done += CHUNK) write(this.bytes(offset + done, Math.min(CHUNK, size - done)));
  }

  private add(type: string, name: string, link: string, file: TarFile): void {
    const place = normal(name);
    this.links.delete(place);
    this.files.delete(place);
    // "1" is a hard link, whose target starts at the root of the archive, and "2" a symbolic link.
    if (type === '1') this.links.set(place, normal(link));
    else if (type === '2') this.links.set(place, normal(path.posix.join(path.posix.dirname(place), link)));
    else if (['0', '\0', '7'].includes(type)) this.files.set(place, file);
  }

  private extended(type: string, file: TarFile): Extended {
    if (file.size > MAX_NAME) throw new Error('a name in it is too long');
    const content = this.bytes(file.offset, file.size);
    if (type !== 'x') return { [type === 'L' ? 'path' : 'linkpath']: textAt(content, 0, content.length) };
    const records: { [name: string]: string } = {};
    for (let start = 0; start < content.length;) {
      const [, digits, name] = /^(\d+) ([^=]+)=/.exec(content.toString('latin1', start)) ?? [];
      const length = Number(digits);
      if (!(length > 0)) throw new Error('an extended header is damaged');
      records[name] = content.toString('utf8', start + digits.length + name.length + 2, start + length - 1);
      start += length;
    }
    return {
      ...records.path !== undefined && { path: records.path },
      ...records.linkpath !== undefined && { linkpath: records.linkpath },
      ...records.size !== undefined && { size: Number(records.size) },
    };
  }

  private bytes(position: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    for (let done = 0; done < length;) {
      const read = fs.readSync(this.descriptor, buffer, done, length - done, position + done);
      if (read === 0) throw new Error('the end is missing');
      done += read;
    }
    return buffer;
  }
}

/** Values for the next header that do not fit into it. */
interface Extended {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

function normal(name: string): string {
  return path.posix.join('/', name).slice(1);
}

function textAt(buffer: Buffer, start: number, length: number): string {
  const end = buffer.indexOf(0, start);
  return buffer.toString('utf8', start, end < 0 ? start + length : Math.min(end, start + length));
}

function nameOf(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textAt(header, 345, 155) : '';
  const name = textAt(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Octal digits or, if the first bit is set, a binary number. */
function numberAt(header: Buffer, start: number, length: number): number {
  if (header[start] >= 0x80) return Number(BigInt(`0x${header.toString('hex', start + 1, start + length)}`));
  return parseInt(textAt(header, start, length).trim() || '0', 8);
}

/** Whether the checksum is correct. It is calculated with spaces in the field of the checksum. */
function isHeader(header: Buffer): boolean {
  const sum = header.reduce((total, byte, position) => total + (position >= 148 && position < 156 ? 0x20 : byte), 0);
  return header.length === BLOCK && numberAt(header, 148, 8) === sum;
}

const MAGIC: readonly (readonly [Compression, string])[] = [['gzip', '1f8b'], ['zstd', '28b52ffd'], ['bzip2', '425a68'], ['xz', 'fd377a585a00']];

/** Detects the compression of a file by its first bytes. */
export function compressionOf(descriptor: number): Compression {
  const start = Buffer.alloc(BLOCK);
  const length = fs.readSync(descriptor, start, 0, BLOCK, 0);
  if (length === BLOCK && isHeader(start)) return 'none';
  return MAGIC.find(([, magic]) => start.toString('hex').startsWith(magic))?.[0] ?? 'unknown';
}

// Runs in a separate process, because Node.js has no synchronous function that decompresses a large file in little memory.
const UNPACK = `
const zlib = require('zlib');
const unpack = process.argv[1] === 'gzip' ? zlib.createGunzip() : zlib.createZstdDecompress?.();
if (unpack === undefined) process.exit(3);
require('stream').pipeline(process.stdin, unpack, require('fs').createWriteStream('', { fd: 1 }), problem => {
  if (problem) {
    process.stderr.write(problem.message);
    process.exitCode = 1;
  }
});
`;

/**
 * Decompresses a file into another one. Returns false if this Node.js cannot read the format.
 *
 * @throws Error if the file is damaged or the disk is full
 */
export function unpack(from: number, compression: 'gzip' | 'zstd', to: number): boolean {
  const { status, stderr, error } = spawnSync(process.execPath, ['-e', UNPACK, compression], { stdio: [from, to, 'pipe'], encoding: 'utf8', windowsHide: true });
  if (status === 3) return false;
  if (status !== 0) throw new Error(stderr.trim().split('\n').pop() ?? String(error));
  return true;
}

/** An entry to write into an archive. */
export interface NewEntry {
  readonly name: string;
  /** @default - a file */
  readonly type?: 'directory' | 'link';
  /** @default 0 */
  readonly size?: number;
  /** The permissions. @default 0o644 */
  readonly mode?: number;
  /** In seconds since 1970. @default 0 */
  readonly modified?: number;
  /** The target of a link. */
  readonly target?: string;
}

const TYPE_FLAGS = { file: '0', link: '2', directory: '5' } as const;
const LONGEST_FIELD = 100;

/** Writes a tar archive with the same bytes on every machine. */
export class TarWriter {
  constructor(private readonly descriptor: number) {}

  /** Adds an entry. The callback writes exactly `size` bytes. */
  public add(entry: NewEntry, content: (write: (piece: Buffer) => void) => void = () => undefined): void {
    const { name, type = 'file', size = 0, mode = 0o644, modified = 0, target = '' } = entry;
    // A name that is long or not plain ASCII is written to an extended header before the entry.
    const extended = [...isPlain(name) ? [] : [record('path', name)], ...isPlain(target) ? [] : [record('linkpath', target)]];
    if (extended.length > 0) {
      const records = Buffer.concat(extended);
      this.header({ name: 'extended', flag: 'x', size: records.length, mode: 0o644, modified: 0, target: '' }, write => write(records));
    }
    this.header({ name, flag: TYPE_FLAGS[type], size, mode, modified, target }, content);
  }

  /** Writes the end of the archive. */
  public end(): void {
    this.write(Buffer.alloc(2 * BLOCK));
  }

  private header(
    { name, flag, size, mode, modified, target }: Required<Omit<NewEntry, 'type'>> & { readonly flag: string }, content: (write: (piece: Buffer) => void) => void,
  ): void {
    const header = Buffer.alloc(BLOCK);
    const field = (text: string, start: number) => header.write(text, start, LONGEST_FIELD, 'latin1');
    field(name, 0);
    field(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    field('0000000\0', 108);
    field('0000000\0', 116);
    writeSize(header, size);
    field(`${modified.toString(8).padStart(11, '0')}\0`, 136);
    field(' '.repeat(8), 148);
    field(flag, 156);
    field(target, 157);
    field('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    field(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    this.write(header);
    content(piece => this.write(piece));
    this.write(Buffer.alloc((BLOCK - size % BLOCK) % BLOCK));
  }

  private write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length;) done += fs.writeSync(this.descriptor, bytes, done);
  }
}

function isPlain(text: string): boolean {
  return text.length <= LONGEST_FIELD && /^[\x20-\x7e]*$/.test(text);
}

/** A record of an extended header: its length in bytes, which counts itself, name and value. */
function record(name: string, value: string): Buffer {
  const rest = ` ${name}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + 1;
  while (String(length).length + bytes !== length) length = String(length).length + bytes;
  return Buffer.from(`${length}${rest}`);
}

function writeSize(header: Buffer, size: number): void {
  const octal = size.toString(8);
  if (octal.length <= 11) {
    header.write(`${octal.padStart(11, '0')}\0`, 124, 'latin1');
  } else {
    header.write(size.toString(16).padStart(22, '0'), 125, 'hex');
    header[124] = 0x80;
  }
}
