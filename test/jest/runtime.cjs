/**
 * Runs test files with Node.js' own `require`, so that each process loads aws-cdk-lib and `src` once, and not once per test file.
 *
 * Jest's own runtime evaluates every module again for every test file. Here only the tests, their helpers, and the entries of the
 * functions (`*.lambda.ts`, which cache tokens for their lifetime) are loaded again. tsx compiles TypeScript, as in all other tasks. There is no
 * `jest.mock`, no fake timers and no coverage.
 */
const asyncHooks = require('node:async_hooks');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');
const KEPT = ['src', 'node_modules'].map(folder => path.join(ROOT, folder) + path.sep);

const isKept = file => KEPT.some(folder => file.startsWith(folder)) && !file.endsWith('.lambda.ts');

// tsx caches in the temporary folder, which is deleted after each run.
const { TMPDIR } = process.env;
Object.assign(process.env, { TMPDIR: path.join(ROOT, 'node_modules', '.cache'), TSX_TSCONFIG_PATH: path.join(ROOT, 'test', 'tsconfig.json') });
fs.mkdirSync(process.env.TMPDIR, { recursive: true });
require('tsx/cjs');
if (TMPDIR === undefined) delete process.env.TMPDIR;
else process.env.TMPDIR = TMPDIR;

// Each async operation of a process has the cost of all storages in use, also those of test files that have ended.
const { AsyncLocalStorage } = asyncHooks;
const storages = [];
class RecordedStorage extends AsyncLocalStorage {
  constructor(...args) {
    super(...args);
    storages.push(this);
  }
}

/** Sets the class that modules of Jest create. Since Node.js 22 the property has no setter. */
function use(value) {
  Object.defineProperty(asyncHooks, 'AsyncLocalStorage', { value, configurable: true, enumerable: true });
}

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
    use(RecordedStorage);
    try {
      return require(file);
    } finally {
      use(AsyncLocalStorage);
    }
  }

  teardown() {
    storages.splice(0).forEach(storage => storage.disable());
    // aws-cdk-lib removes each assembly when the process exits, for which Jest does not wait. `scratch-teardown.cjs` removes them all.
    const cleanUps = process.listeners('exit').filter(listener => String(listener).includes('cleanupTemporaryDirectories'));
    cleanUps.forEach(listener => process.removeListener('exit', listener));
    const files = Object.keys(require.cache).filter(file => file.startsWith(ROOT + path.sep) && !isKept(file));
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
