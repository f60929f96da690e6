import * as fs from 'fs';
import * as path from 'path';

const PROJECT = path.join(__dirname, '..', '..');

/** An entry of package-lock.json, with the fields that the tests read. */
export interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly inBundle?: boolean;
  readonly link?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

export interface Lock {
  readonly lockfileVersion: number;
  readonly packages: Record<string, LockEntry>;
}

/** The committed package-lock.json of this project. */
export function projectLock(): Lock {
  return JSON.parse(fs.readFileSync(path.join(PROJECT, 'package-lock.json'), 'utf8'));
}

/** Writes package.json, package-lock.json and .npmrc of a project that depends on `roots` only. All lock entries are the committed ones. */
export function writeProject(folder: string, roots: string[], change: (entry: LockEntry) => LockEntry = entry => entry): void {
  const lock = projectLock();
  const dependencies = Object.fromEntries(roots.map(name => [name, lock.packages[`node_modules/${name}`].version]));
  const manifest = { name: 'excerpt', version: '1.0.0', private: true, dependencies };
  const entries = [...pathsOf(lock, roots)].sort().map(key => [key, change(lock.packages[key])]);
  const excerpt = { ...manifest, lockfileVersion: lock.lockfileVersion, requires: true, packages: Object.fromEntries([['', manifest], ...entries]) };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  fs.writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(excerpt, undefined, 2));
  fs.copyFileSync(path.join(PROJECT, '.npmrc'), path.join(folder, '.npmrc'));
}

/** The paths of `roots`, of all their dependencies, and of everything nested below those. */
function pathsOf(lock: Lock, roots: string[]): Set<string> {
  const { packages } = lock;
  const found = new Set<string>();
  const add = (key: string) => {
    if (found.has(key)) return;
    found.add(key);
    const { dependencies, optionalDependencies, peerDependencies } = packages[key];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const needed = pathOf(lock, key, name);
      if (needed) add(needed);
    }
    Object.keys(packages).filter(each => each.startsWith(`${key}/node_modules/`)).forEach(add);
  };
  roots.forEach(name => add(`node_modules/${name}`));
  return found;
}

/** The path where Node.js finds package `name` from the package at `key`: below it, or below a package around it. */
export function pathOf({ packages }: Lock, key: string, name: string): string | undefined {
  const around = key.split('/node_modules/');
  const folders = around.map((_, index) => around.slice(0, around.length - index).join('/node_modules/'));
  return [...folders.map(folder => `${folder}/node_modules/${name}`), `node_modules/${name}`].find(each => each in packages);
}
