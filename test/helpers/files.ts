import * as fs from 'fs';
import * as path from 'path';

/** Everything in a folder but folders, also in its subfolders. Does not follow links, as `recursive: true` does since Node.js 22. */
export function entriesIn(folder: string): fs.Dirent[] {
  return fs.readdirSync(folder, { withFileTypes: true })
    .flatMap(entry => entry.isDirectory() ? entriesIn(path.join(folder, entry.name)) : [entry]);
}
