import * as fs from 'fs';
import * as path from 'path';
import { withSlashes } from './portable-paths';
import { TarWriter } from './tar';

// The second day of 1980, because ZIP files in a build cannot have earlier times.
const MODIFIED = 315_619_200;
const PIECE = 1024 * 1024;

/**
 * Writes a directory into an archive, with links, permissions and empty directories. The same tree results in the same bytes.
 *
 * The ZIP file of an S3 asset would lose these, because the CDK CLI follows links and leaves out empty directories.
 *
 * @param skips whether to leave out a file or directory, by its path
 */
export function archiveDirectory(directory: string, target: string, skips: (file: string) => boolean = () => false): void {
  const descriptor = fs.openSync(target, 'w');
  try {
    const archive = new TarWriter(descriptor);
    addEntries(archive, directory, '', skips);
    archive.end();
  } finally {
    fs.closeSync(descriptor);
  }
}

function addEntries(archive: TarWriter, root: string, folder: string, skips: (file: string) => boolean): void {
  const entries = fs.readdirSync(path.join(root, folder), { withFileTypes: true }).sort((one, other) => one.name < other.name ? -1 : 1);
  for (const entry of entries) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const full = path.join(root, name);
    if (skips(full)) continue;
    if (entry.isSymbolicLink()) {
      archive.add({ name, type: 'link', mode: 0o777, modified: MODIFIED, target: withSlashes(fs.readlinkSync(full)) });
    } else if (entry.isDirectory()) {
      archive.add({ name: `${name}/`, type: 'directory', mode: modeOf(full, 0o755), modified: MODIFIED });
      addEntries(archive, root, name, skips);
    } else if (entry.isFile()) {
      addFile(archive, name, full);
    }
  }
}

function addFile(archive: TarWriter, name: string, full: string): void {
  const { size } = fs.statSync(full);
  archive.add({ name, size, mode: modeOf(full, 0o755), modified: MODIFIED }, write => {
    const descriptor = fs.openSync(full, 'r');
    const buffer = Buffer.alloc(Math.min(PIECE, size));
    try {
      for (let done = 0, read; done < size; done += read) {
        read = fs.readSync(descriptor, buffer, 0, Math.min(buffer.length, size - done), done);
        if (read === 0) throw new Error(`${full} has changed while it was read`);
        write(buffer.subarray(0, read));
      }
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

/** The permissions of a file. On Windows files have none, and Docker makes all files executable. */
function modeOf(file: string, onWindows: number): number {
  return process.platform === 'win32' ? onWindows : fs.statSync(file).mode % 0o10000;
}
