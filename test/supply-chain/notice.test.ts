import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { COMMAND, HANDLERS, bundleCommand, bundleHandler } from '../../projenrc/handler-bundle';
import { bundledPackages, noticeOf } from '../../projenrc/notice';

const PROJECT = path.join(__dirname, '..', '..');

let folder: string;
beforeEach(() => folder = fs.mkdtempSync(path.join(os.tmpdir(), 'notice-')));
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Writes a package into `node_modules`, and returns the path of its code as esbuild lists it. */
function given(name: string, manifest: object, files: Record<string, string>, around = ''): string {
  const place = `${around}node_modules/${name}`;
  fs.mkdirSync(path.join(folder, place), { recursive: true });
  for (const [file, text] of Object.entries({ 'package.json': JSON.stringify({ name, version: '1.0.0', ...manifest }), ...files })) {
    fs.writeFileSync(path.join(folder, place, file), text);
  }
  return `${place}/index.js`;
}

const bundled = (name: string) => name === COMMAND ? bundleCommand() : bundleHandler(name);

describe.each([...HANDLERS.map(handler => [handler, 'aws4']), [COMMAND, 'js-yaml']])('the bundle of %s', (handler, contained) => {
  const { files, inputs, packages } = bundled(handler);

  test('has a NOTICE with name, version, license and license text of each package that esbuild read', () => {
    const names = [...new Set(inputs.filter(input => input.includes('node_modules/')).map(input => input.split('node_modules/').pop()?.split('/')[0]))];
    expect(names).toEqual([contained]);
    for (const name of names) {
      const installed = path.join(PROJECT, 'node_modules', String(name));
      const { version, license } = JSON.parse(fs.readFileSync(path.join(installed, 'package.json'), 'utf8'));
      expect(files.NOTICE).toContain(`\n${name} ${version}\nLicense: ${license}\n`);
      expect(files.NOTICE).toContain(fs.readFileSync(path.join(installed, 'LICENSE'), 'utf8').trim());
    }
    expect(packages.map(({ name }) => name)).toEqual(names);
  });

  test('is the same in every byte if it is built again from another folder', () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(bundled(handler).files).toEqual(files);
    } finally {
      process.chdir(before);
    }
  });

  test('is in its folder of assets, together with the NOTICE and nothing else ("npx projen bundle" writes it)', () => {
    const asset = path.join(PROJECT, 'assets', handler);
    const content = fs.readdirSync(asset).map(name => [name, fs.readFileSync(path.join(asset, name), 'utf8')]);

    expect(Object.fromEntries(content)).toEqual(files);
  });
});

test('the NOTICE of the package contains the NOTICE of every function and of the command ("npx projen bundle" writes it)', () => {
  const all = [...HANDLERS, COMMAND].flatMap(name => bundled(name).packages);

  expect(fs.readFileSync(path.join(PROJECT, 'NOTICE'), 'utf8')).toBe(noticeOf(all));
});

test('packages are listed once each, sorted, for any order in which they are read', () => {
  const one = given('one', { license: 'MIT' }, { LICENSE: 'License of one' });
  const scoped = given('@some/two', { license: 'ISC' }, { 'license.md': 'License of two' });
  const nested = given('one', { license: 'MIT', version: '2.0.0' }, { LICENSE: 'License of the other one' }, 'node_modules/@some/two/');
  const inputs = ['src/handler.ts', nested, one, scoped, one.replace('index', 'lib/other')];

  const notice = noticeOf(bundledPackages(inputs, folder));

  expect(notice.match(/^.+(?=\nLicense: )/gm)).toEqual(['@some/two 1.0.0', 'one 1.0.0', 'one 2.0.0']);
  for (const text of ['License of one', 'License of two', 'License of the other one']) expect(notice).toContain(`\n${text}\n`);
  expect(noticeOf(bundledPackages([...inputs].reverse(), folder))).toBe(notice);
  expect(noticeOf([...bundledPackages(inputs, folder), ...bundledPackages(inputs, folder)].reverse())).toBe(notice);
});

test('a package with several licenses and its own NOTICE is listed with all those texts', () => {
  const input = given('dual', { license: '(MIT OR Apache-2.0)' }, { 'LICENSE-MIT': 'As MIT', 'LICENSE-APACHE': 'As Apache', 'NOTICE': 'Names its authors', 'README.md': 'Read me' });

  const [{ text }] = bundledPackages([input], folder);

  expect(text).toBe('As Apache\n\nAs MIT\n\nNames its authors');
});

test.each([
  ['no license text', { license: 'MIT' }, {}, /^pack@1\.0\.0 is bundled, but .*node_modules\/pack has no license text/],
  ['an empty license text', { license: 'MIT' }, { LICENSE: '\n' }, /has no license text/],
  ['only a NOTICE', { license: 'Apache-2.0' }, { NOTICE: 'By somebody' }, /has no license text/],
  ['a license that is not permissive', { license: 'GPL-3.0-only' }, { LICENSE: 'GPL' }, /^pack@1\.0\.0 is bundled, but its license "GPL-3\.0-only" is none of /],
  ['a license that is only in part permissive', { license: 'MIT AND GPL-3.0-only' }, { LICENSE: 'Both' }, /is none of /],
  ['a license that is not for everybody', { license: 'UNLICENSED' }, { LICENSE: 'No' }, /is none of /],
  ['no license', {}, { LICENSE: 'Something' }, /its license undefined is none of /],
])('a package with %s is not bundled', (_, manifest, files, problem) => {
  const input = given('pack', manifest, files as Record<string, string>);

  expect(() => bundledPackages([input], folder)).toThrow(problem);
});

test('a file that is neither in the sources nor in a package is not bundled', () => {
  expect(() => bundledPackages(['src/handler.ts', 'vendor/aws4.js'], folder)).toThrow('vendor/aws4.js is bundled, but is neither in src/ nor in an npm package');
});
