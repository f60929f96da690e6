import * as fs from 'fs';
import * as path from 'path';

const PROJECT = path.join(__dirname, '..', '..');
const NOT_COMMITTED = /^(node_modules|lib|dist|coverage|cdk\.out.*|cdk-integ\.out.*|\.(?!ci$|projen$|npmrc$|projenrc\.ts$).*)$/;

/** The paths of the committed files, relative to the project. Read from the disk, because a copy of the project may have no `.git`. */
export function projectFiles(folder = ''): string[] {
  return fs.readdirSync(path.join(PROJECT, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_COMMITTED.test(name))
    .flatMap(entry => {
      const file = path.posix.join(folder, entry.name);
      return entry.isDirectory() ? projectFiles(file) : [file];
    });
}
