/**
 * Runs the Jest test files under Mocha, in one process.
 *
 * Stryker runs the tests that reach a mutant once per mutant. Jest loads aws-cdk-lib again for each test file (seconds);
 * Mocha keeps it loaded (milliseconds). `expect`, `test.each` and `jest.spyOn` are Jest's own packages.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

process.env.TSX_TSCONFIG_PATH = path.join(process.cwd(), 'test', 'tsconfig.json');
require('tsx/cjs');

const { expect } = require('expect');
const each = require('jest-each').default;
const { ModuleMocker } = require('jest-mock');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-container-delivery-'));
Object.assign(process.env, { TMPDIR: scratch, HOME: scratch, TEST_SCRATCH: scratch });
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));

const mocker = new ModuleMocker(globalThis);
const unsupported = name => () => { throw new Error(`jest.${name} is not available under Mocha: leave this file out of the mutation tests`); };
const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: mocker.restoreAllMocks.bind(mocker),
  requireActual: require,
  isolateModules: unsupported('isolateModules'),
  doMock: unsupported('doMock'),
};

/** Mocha takes a function with a parameter for one with a callback, and knows no third argument. */
const withoutTimeout = register => (title, body) => register(title, body);

function asJest(register) {
  const named = withoutTimeout(register);
  return Object.assign(named, { each: each.bind(named), skip: withoutTimeout(register.skip), only: withoutTimeout(register.only) });
}

/** Mocha defines its globals for each file anew, so they are wrapped when a file is about to be loaded. */
exports.mochaGlobalSetup = undefined;
const hooks = { before: 'beforeAll', after: 'afterAll' };
Object.assign(globalThis, { expect, jest });
for (const [name, alias] of Object.entries(hooks)) {
  Object.defineProperty(globalThis, alias, { configurable: true, get: () => globalThis[name] });
}
for (const [name, source] of Object.entries({ test: 'it', describe: 'describe' })) {
  let original;
  let wrapped;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: () => wrapped,
    set: value => {
      if (value === original || value === undefined) return;
      original = value;
      wrapped = asJest(source === 'it' ? globalThis.it ?? value : value);
    },
  });
}
