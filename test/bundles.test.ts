import { runInNewContext } from 'vm';
import { gzipSync } from 'zlib';
import { buildSync } from 'esbuild';

describe.each([
  ['src/copy/image-copy.lambda.ts', 40, /^src\/copy\//],
  ['src/image-check/image-check.lambda.ts', 20, /^src\/copy\/engine\/(clock|digest|errors|json|manifest-kind|markup|transport\/[a-z-]+)\.ts$/],
  ['src/scanning/scan-gate.lambda.ts', 20, /^src\/copy\/engine\/(clock|digest|errors|json|manifest-kind|markup)\.ts$/],
  ['src/run-once/run-once.lambda.ts', 20, /^src\/copy\/engine\/(clock|errors|json|markup)\.ts$/],
  ['src/registry/blob-mounting.lambda.ts', 20, /^src\/copy\/engine\/(clock|errors|json|markup)\.ts$/],
])('the bundle of %s', (entryPoint, kilobytes, ofTheCopy) => {
  const { outputFiles: [bundle], metafile } = buildSync({
    entryPoints: [entryPoint], bundle: true, minify: true, platform: 'node', target: 'node22', format: 'cjs', write: false, metafile: true,
  });

  test(`is smaller than ${kilobytes} KB compressed`, () => {
    expect(gzipSync(bundle.contents).length).toBeLessThan(kilobytes * 1000);
  });

  test('needs nothing but Node and contains nothing but our code and the signer', () => {
    const packages = Object.keys(metafile.inputs).filter(path => path.includes('node_modules')).map(path => path.split('node_modules/')[1].split('/')[0]);
    expect([...new Set(packages)]).toEqual(['aws4']);
    const required = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    expect(required.filter(path => !path.startsWith('node:') && !['crypto', 'querystring', 'url'].includes(path))).toEqual([]);
  });

  test('has of the copy what it needs, and no more', () => {
    const copy = Object.keys(metafile.inputs).filter(path => path.startsWith('src/copy/'));
    expect(copy.filter(path => !ofTheCopy.test(path))).toEqual([]);
  });

  test('loads and exports the handler that Lambda calls', () => {
    const module = { exports: { handler: undefined } };
    const globals = { module, exports: module.exports, require, process, URL, Buffer, console, setTimeout, clearTimeout, AbortController };
    runInNewContext(bundle.text, globals);
    expect(typeof module.exports.handler).toBe('function');
  });
});
