import * as fs from 'fs';
import { runInNewContext } from 'vm';
import { gzipSync } from 'zlib';
import { HANDLERS, bundleHandler } from '../projenrc/handler-bundle';

describe.each([
  ['copy/image-copy.lambda', 40, /^src\/copy\//],
  ['image-check/image-check.lambda', 20, /^src\/copy\/engine\/(clock|digest|errors|json|manifest-kind|markup|transport\/[a-z-]+)\.ts$/],
  ['scanning/scan-gate.lambda', 20, /^src\/copy\/engine\/(clock|digest|errors|json|manifest-kind|markup)\.ts$/],
  ['one-off-task/one-off-task.lambda', 20, /^src\/copy\/engine\/(clock|errors|json|markup)\.ts$/],
  ['traffic-shift/traffic-shift.lambda', 20, /^src\/copy\/engine\/(clock|errors|json|markup)\.ts$/],
  ['registry/blob-mounting.lambda', 20, /^src\/copy\/engine\/(clock|errors|json|markup)\.ts$/],
])('the bundle of %s', (handler, kilobytes, ofTheCopy) => {
  const { files, inputs, required, packages } = bundleHandler(handler);

  test(`is smaller than ${kilobytes} KB compressed`, () => {
    expect(gzipSync(files['index.js']).length).toBeLessThan(kilobytes * 1000);
  });

  test('needs nothing but Node and contains nothing but our code and the signer', () => {
    expect(packages.map(({ name }) => name)).toEqual(['aws4']);
    expect(required.filter(path => !path.startsWith('node:') && !['crypto', 'querystring', 'url'].includes(path))).toEqual([]);
  });

  test('has of the copy what it needs, and no more', () => {
    const copy = inputs.filter(path => path.startsWith('src/copy/'));
    expect(copy.filter(path => !ofTheCopy.test(path))).toEqual([]);
  });

  test('loads and exports the handler that Lambda calls', () => {
    const module = { exports: { handler: undefined } };
    const globals = { module, exports: module.exports, require, process, URL, Buffer, console, setTimeout, clearTimeout, AbortController };
    runInNewContext(files['index.js'], globals);
    expect(typeof module.exports.handler).toBe('function');
  });
});

test('every handler of src is bundled', () => {
  const sources = fs.readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.lambda.ts'));

  expect(sources.map(file => file.replace(/\.ts$/, '')).sort()).toEqual([...HANDLERS].sort());
});
