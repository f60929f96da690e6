/**
 * Runs test files with Node.js' own `require`, so that each process loads aws-cdk-lib and `src` once, and not once per test file.
 *
 * Jest's own runtime evaluates every module again for every test file. Only the test file and what it shares with other tests (all
 * of this project except `src`) are loaded again here. TypeScript is compiled by tsx, as in all other tasks. There is no
 * `jest.mock`, no fake timers and no coverage.
 */
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const KEPT = ['src', 'node_modules'].map(folder => path.join(ROOT, folder) + path.sep);

// tsx caches in the temporary folder, which is removed after each run.
const { TMPDIR } = process.env;
Object.assign(process.env, { TMPDIR: path.join(ROOT, 'node_modules', '.cache'), TSX_TSCONFIG_PATH: path.join(ROOT, 'test', 'tsconfig.json') });
fs.mkdirSync(process.env.TMPDIR, { recursive: true });
require('tsx/cjs');
if (TMPDIR === undefined) delete process.env.TMPDIR;
else process.env.TMPDIR = TMPDIR;

module.exports = class OneProcessRuntime {
  constructor(config, environment, resolver, transformer, cacheFS, { collectCoverage }) {
    if (collectCoverage) throw new Error('Coverage is not supported, see test/jest/runtime.cjs.');
    this.mocker = environment.moduleMocker;
    this.require = Module.createRequire(path.join(ROOT, 'package.json'));
  }

  requireModule(file) {
    return this.require(file);
  }

  /** jest-circus, which keeps its state in its modules and as global symbols. */
  requireInternalModule(file) {
    delete require.cache[file];
    const state = Object.getOwnPropertySymbols(globalThis).filter(({ description }) => /^(EVENT_HANDLERS|JEST_STATE_SYMBOL)$/.test(description));
    state.forEach(symbol => { delete globalThis[symbol]; });
    return require(file);
  }

  teardown() {
    const files = Object.keys(require.cache).filter(file => file.startsWith(ROOT + path.sep) && !KEPT.some(folder => file.startsWith(folder)));
    const gone = new Set(files.filter(file => file !== __filename && !file.startsWith(__dirname)).map(file => {
      const loaded = require.cache[file];
      delete require.cache[file];
      return loaded;
    }));
    for (const { children } of [...Object.values(require.cache), ...gone]) {
      for (let index = children.length - 1; index >= 0; index--) if (gone.has(children[index])) children.splice(index, 1);
    }
  }

  clearAllMocks() {
    this.mocker.clearAllMocks();
  }

  getSourceMaps() {
    return new Map();
  }

  getAllCoverageInfoCopy() {
    return undefined;
  }

  unstable_shouldLoadAsEsm() {
    return false;
  }

  setGlobalsForRuntime() {}

  enterTestCode() {}

  leaveTestCode() {}
};
