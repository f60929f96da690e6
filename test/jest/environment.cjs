/** The environment of `runtime.cjs`: the current process, restored after each test file. */
const { findSourceMap } = require('node:module');
const { ModuleMocker } = require('jest-mock');

const STACK_DEPTH = 20;

/** Positions in compiled code, as in a stack trace. Node.js looks up each of them again, which takes half the time of tests of errors. */
const places = new Map();

function placeOf(site) {
  const file = site.getFileName();
  const place = `${file}:${site.getLineNumber()}:${site.getColumnNumber()}`;
  if (file.startsWith('node:')) return place;
  if (!places.has(place)) {
    const { originalLine, originalColumn, originalSource } = findSourceMap(file)?.findEntry(site.getLineNumber() - 1, site.getColumnNumber() - 1) ?? {};
    places.set(place, originalSource === undefined ? place : `${file}:${originalLine + 1}:${originalColumn + 1}`);
  }
  return places.get(place);
}

function stackOf(error, sites) {
  const lines = sites.map(site => {
    const text = String(site);
    if (!site.getFileName()) return text;
    return text.endsWith(')') ? text.replace(/ \([^()]*\)$/, () => ` (${placeOf(site)})`) : placeOf(site);
  });
  return [Error.prototype.toString.call(error), ...lines.map(line => `    at ${line}`)].join('\n');
}

module.exports = class OneProcess {
  constructor({ projectConfig }) {
    if (projectConfig.fakeTimers.enableGlobally) throw new Error('Fake timers are not supported, see test/jest/runtime.cjs.');
    this.global = globalThis;
    this.before = { exit: process.exit, console: globalThis.console, env: process.env, variables: { ...process.env }, prepareStackTrace: Error.prepareStackTrace };
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null;
    this.fakeTimersModern = null;
  }

  getVmContext() {
    return null;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  async setup() {
    // Jest has installed its own source maps there; Node.js knows those of tsx.
    Error.prepareStackTrace = stackOf;
    // Jest sets 100, and each frame needs a lookup in a source map.
    Error.stackTraceLimit = STACK_DEPTH;
    // CDK would record the stack trace of each resource, which takes a fifth of the time of a test.
    process.env.CDK_CONTEXT_JSON = JSON.stringify({
      'aws:cdk:disable-creation-stack-traces': true,
      // The default, without the warning of newer versions that it will change.
      '@aws-cdk/core:defaultCrossStackReferences': 'strong',
    });
    // aws-cdk-lib would validate each template, which takes seconds, and report the VPC IDs of the tests. cfn-lint checks templates in `lint:templates`.
    process.env.CDK_VALIDATION = 'false';
    globalThis.jest = this.moduleMocker;
  }

  async teardown() {
    const { exit, console, env, variables, prepareStackTrace } = this.before;
    this.moduleMocker.restoreAllMocks();
    Object.assign(process, { exit, env });
    Object.keys(env).filter(name => !Object.hasOwn(variables, name)).forEach(name => { delete env[name]; });
    Object.assign(env, variables);
    Error.prepareStackTrace = prepareStackTrace;
    globalThis.console = console;
  }
};
