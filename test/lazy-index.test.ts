import { spawnSync } from 'node:child_process';

const EAGER = [
  '"use strict";', 'Object.defineProperty(exports, "__esModule", { value: true });', 'exports.Web = exports.Api = void 0;', 'var web_1 = require("./web");',
  'Object.defineProperty(exports, "Web", { enumerable: true, get: function () { return web_1.Web; } });',
  'Object.defineProperty(exports, "Api", { enumerable: true, get: function () { return web_1.Api; } });', '',
].join('\n');

/** The index that the script makes from another one, or its error. */
function lazy(code: string): string {
  const program = `import { lazy } from './projenrc/lazy-index.mjs'; process.stdout.write(lazy(${JSON.stringify(code)}));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  return stdout || stderr;
}

test('an index loads a file only when one of its exports is used, and the exported names stay', () => {
  const code = lazy(EAGER);

  expect(code).toContain('exports.Web = exports.Api = void 0;');
  expect(code).toContain('Object.defineProperty(exports, key = "Api", { enumerable: true, get: function () { return require("./web").Api; } });');
  expect(code).not.toContain('web_1');
  expect(lazy(code)).toBe(code);
});

test.each([
  ['exports all names of a file', EAGER.replace('var web_1', '__exportStar(require("./more"), exports);\nvar web_1')],
  ['exports under another name', EAGER.replace('return web_1.Api', 'return web_1.Other')],
  ['requires nothing', '"use strict";\n'],
])('an index that %s causes an error, instead of a broken package', (_, code) => {
  expect(lazy(code)).toContain('lib/index.js has a form that this script does not know');
});
