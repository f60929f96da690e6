/**
 * Defines the names of Jest in Mocha (`mocha --require`), so that the test files run unchanged in one process.
 *
 * Mutation testing runs the tests that reach a mutant once for each mutant. Jest loads aws-cdk-lib again for every test
 * file, which takes seconds. Mocha keeps it loaded. `expect`, `test.each` and `jest.spyOn` come from Jest's own packages.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

process.env.TSX_TSCONFIG_PATH = path.join(process.cwd(), 'test', 'tsconfig.json');
require('tsx/cjs');
const { expect } = require('expect');
const { bind } = require('jest-each');
const { ModuleMocker } = require('jest-mock');
const Mocha = require('mocha');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-container-delivery-'));
Object.assign(process.env, { TMPDIR: scratch, HOME: scratch, TEST_SCRATCH: scratch });
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));

// New random values in each run find new bugs. A mutant must always get the same values, and few of them, because each mutant runs them again.
const MAX_RUNS = 30;
const MAX_MILLISECONDS = 30_000;
const fastCheck = require('fast-check');
require.cache[require.resolve('fast-check')].exports = {
  ...fastCheck, assert: (property, params) => fastCheck.assert(property, { seed: 1, ...params, numRuns: Math.min(params?.numRuns ?? MAX_RUNS, MAX_RUNS) }),
};

const before = { env: process.env, variables: { ...process.env } };

function restoreEnvironment() {
  process.env = before.env;
  Object.keys(before.env).filter(name => !Object.hasOwn(before.variables, name)).forEach(name => { delete before.env[name]; });
  Object.assign(before.env, before.variables);
}

const mocker = new ModuleMocker(globalThis);

const { bdd } = Mocha.interfaces;
Mocha.interfaces.bdd = root => {
  root.on('pre-require', (context, file, mocha) => {
    // One suite per file: in Jest, hooks at the top of a file are for the tests of that file.
    const suite = Mocha.Suite.create(root, path.relative(process.cwd(), file));
    // A test that never ends fails by itself. Stryker would wait longer, and start a new process.
    suite.timeout(MAX_MILLISECONDS);
    suite.afterAll(restoreEnvironment);
    suite.afterAll(() => mocker.restoreAllMocks());
    // A function keeps tokens and clients as long as its entry is loaded. As in test/jest/runtime.cjs, each file loads it again.
    Object.keys(require.cache).filter(name => name.endsWith('.lambda.ts')).forEach(name => { delete require.cache[name]; });
    bdd(suite);
    suite.emit('pre-require', context, file, mocha);
    const { describe, it, before, after } = context;
    Object.assign(context, {
      expect, jest: mocker, describe: asJest(describe), test: asJest(it), it: asJest(it), beforeAll: before, afterAll: after,
    });
  });
  root.afterEach(() => mocker.clearAllMocks());
};

/** Mocha has no third argument for a timeout, and no `each`. */
function asJest(register) {
  const named = only => Object.assign((title, body) => only(title, body), { each: bind((title, body) => only(title, body), false) });
  return Object.assign(named(register), { skip: named(register.skip) });
}
