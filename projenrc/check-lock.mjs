// Checks that package-lock.json pins the content of every package by its SHA-512 hash, and names no download address.
// Plain Node.js without dependencies: it runs before `npm ci`, so that nothing unverified has been installed yet.
import { readFileSync } from 'node:fs';

const file = process.argv[2] ?? 'package-lock.json';
const { lockfileVersion, packages = {} } = JSON.parse(readFileSync(file, 'utf8'));

/** The problem of the entry at `path`, or undefined. */
function problem(path, entry) {
  if (entry.link) return undefined;
  if (entry.resolved) return 'names a download address';
  if (entry.inBundle) return bundledBy(path) ? undefined : 'says that it is bundled, but no package around it bundles dependencies';
  if (!/^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? '')) return 'has no SHA-512 hash';
  return undefined;
}

/** A bundled package is a part of the tarball of a package around it, and is covered by the hash of that tarball. */
function bundledBy(path) {
  for (let end = path.lastIndexOf('/node_modules/'); end > 0; end = path.lastIndexOf('/node_modules/', end - 1)) {
    const around = packages[path.slice(0, end)];
    if (around && !around.inBundle) return around.bundleDependencies !== undefined;
  }
  return false;
}

const problems = Object.entries(packages)
  .filter(([path]) => path !== '')
  .flatMap(([path, entry]) => problem(path, entry) ? [`${path} ${problem(path, entry)}`] : []);
if (lockfileVersion !== 3) problems.push(`lockfileVersion is ${lockfileVersion}, and only version 3 is checked`);

if (problems.length > 0) {
  console.error([`${file} does not pin the content of every package:`, ...problems.map(each => `  ${each}`)].join('\n'));
  console.error([
    'npm drops all hashes when both package-lock.json and node_modules/.package-lock.json are missing: it reads installed packages,',
    'which have none. It does not add missing hashes later. Restore the file with "git checkout package-lock.json".',
    'To resolve all versions again, delete node_modules together with package-lock.json, and run "npm install".',
  ].join('\n'));
  process.exit(1);
}
