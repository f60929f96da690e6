import * as fs from 'fs';
import { runInNewContext } from 'vm';
import { gzipSync } from 'zlib';
import { HANDLERS, bundleHandler } from '../projenrc/handler-bundle';

// Sizes are limits of the compressed bundle in KB. A module of the engine in another bundle makes its function slower to start.
describe.each([
  ['copy/image-copy.lambda', 42, undefined],
  ['build/image-build.lambda', 48, undefined],
  ['image-check/image-check.lambda', 20, ['clock', 'digest', 'errors', 'http', 'json', 'manifest', 'platforms', 'public-addresses', 'retry']],
  ['scanning/scan-gate.lambda', 20, ['clock', 'digest', 'errors', 'json', 'manifest', 'retry']],
  ['one-off-task/one-off-task.lambda', 20, ['clock', 'errors', 'json', 'retry']],
  ['traffic-shift/traffic-shift.lambda', 20, ['clock', 'errors', 'json', 'retry']],
  ['federation/federation.lambda', 20, ['clock', 'errors', 'json', 'retry']],
  ['google/artifact-repository.lambda', 20, ['clock', 'errors', 'json', 'retry']],
  ['azure/azure-registry.lambda', 24, ['clock', 'errors', 'json', 'retry']],
  ['registry/blob-mounting.lambda', 20, ['clock', 'digest', 'errors', 'json', 'manifest', 'retry']],
])('the bundle of %s', (handler, kilobytes, engine) => {
  const { files, inputs, required, packages } = bundleHandler(handler);

  test(`is smaller than ${kilobytes} KB compressed`, () => {
    expect(gzipSync(files['index.js']).length).toBeLessThan(kilobytes * 1000);
  });

  test('needs only Node.js, and contains only our code and the signer', () => {
    expect(packages.map(({ name }) => name)).toEqual(['aws4']);
    expect(required.filter(path => !path.startsWith('node:') && !['crypto', 'querystring', 'url'].includes(path))).toEqual([]);
  });

  test('contains only the modules of the engine that it needs', () => {
    const modules = inputs.flatMap(path => /^src\/engine\/(.*)\.ts$/.exec(path)?.[1] ?? []);
    expect(modules.length).toBeGreaterThan(0);
    expect(engine === undefined ? undefined : modules.sort()).toEqual(engine);
    expect(inputs.some(path => path.startsWith('src/copy/'))).toBe(engine === undefined);
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
