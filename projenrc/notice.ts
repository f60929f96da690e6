import * as fs from 'node:fs';
import * as path from 'node:path';

/** Licenses that allow redistribution inside a package of another license, if their text comes with it. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0', 'Unlicense'];

const TEXTS = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
const LICENSE = /^(licen[cs]e|copying)/i;

/** An npm package inside a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** Its SPDX expression. */
  readonly license: string;
  /** All its license and notice files. */
  readonly text: string;
}

/**
 * The npm packages of a bundle, sorted by name and version.
 *
 * @param inputs the files that esbuild read, as its metafile lists them: relative to `project`
 * @throws if a file belongs to no package, or a package has no license text or no permissive license
 */
export function bundledPackages(inputs: readonly string[], project: string): BundledPackage[] {
  const folders = inputs.map(input => input.replace(/^\(disabled\):/, '')).filter(input => !input.startsWith('src/')).map(folderOf);
  return [...new Set(folders)].map(folder => read(path.resolve(project, folder))).sort((a, b) => compare(title(a), title(b)));
}

/** The text of a NOTICE file: each package once, with its license. */
export function noticeOf(packages: readonly BundledPackage[]): string {
  const unique = new Map(packages.map(each => [title(each), each]));
  const sections = [...unique].sort(([a], [b]) => compare(a, b))
    .map(([heading, { license, text }]) => `${'='.repeat(80)}\n${heading}\nLicense: ${license}\n${'-'.repeat(80)}\n${text}\n`);
  return ['This software contains the following npm packages.\n', ...sections].join('\n');
}

/** The folder of the innermost package around a file. */
function folderOf(input: string): string {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
  if (!folder) throw new Error(`${input} is bundled, but is neither in src/ nor in an npm package, so its license is unknown.`);
  return folder;
}

function read(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  if (!isPermissive(license)) {
    throw new Error(`${name}@${version} is bundled, but its license ${JSON.stringify(license)} is none of ${PERMISSIVE.join(', ')}. Use another package.`);
  }
  const files = fs.readdirSync(folder).filter(file => TEXTS.test(file)).sort();
  const texts = files.map(file => ({ file, text: fs.readFileSync(path.join(folder, file), 'utf8').replace(/\r\n?/g, '\n').trim() }));
  if (!texts.some(({ file, text }) => LICENSE.test(file) && text !== '')) {
    throw new Error(`${name}@${version} is bundled, but ${folder} has no license text. Use another package.`);
  }
  return { name, version, license, text: texts.map(({ text }) => text).join('\n\n') };
}

/** Whether one choice of an SPDX expression has permissive licenses only. Expressions with nested parentheses are not supported. */
function isPermissive(license: unknown): boolean {
  if (typeof license !== 'string') return false;
  return license.replace(/^\((.*)\)$/, '$1').split(' OR ').some(choice => choice.split(' AND ').every(each => PERMISSIVE.includes(each)));
}

function title({ name, version }: BundledPackage): string {
  return `${name} ${version}`;
}

/** By code units, so that the order does not depend on the language of the machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
