/**
 * The mutated files, and the tests that must notice. Excluded are tests that take minutes, tests of bundled functions, which have no mutants, and
 * tests that need Jest's own module registry.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Test files by name, in this order. Sharp and fast ones come first, because the first failure ends the run of a mutant. */
function named(folder, ...names) {
  const files = names.map(name => path.posix.join(folder, `${name}.test.ts`));
  const missing = files.find(file => !existsSync(file));
  if (missing !== undefined) throw new Error(`test/mutation/areas.mjs: ${missing} does not exist`);
  return files;
}

/** The test files of a folder, without subfolders and without the given ones. */
function allBut(folder, ...names) {
  const excluded = named(folder, ...names);
  const files = readdirSync(folder).filter(name => name.endsWith('.test.ts')).sort().map(name => path.posix.join(folder, name));
  return files.filter(file => !excluded.includes(file));
}

// Each of these takes many seconds. They would all run for a mutant that survives the others.
const LAWS_OF_RULES = ['accepted-by-ecr', 'harm-laws', 'laws', 'oracle', 'published-laws'];
const SLOW_ENGINE = ['shapes', 'shapes-limits', 'ecr-quirks-limits'];
// The only tests of redirects to other registries, of stalls and of selected platforms.
const LAST_ENGINE = ['request-budget', 'other-servers', 'faults'];
const SLOW_GATES = ['scan-gate-answer', 'scan-gate-indexes'];
const NO_GATE_FUNCTION = ['scan-gate', 'scan-gate-permissions', 'on-finding', 'wrong-types'];

export const AREAS = {
  'engine': {
    folder: 'src/engine',
    tests: [
      ...named('test/engine', 'json', 'manifest-kind', 'parsing', 'public-addresses', 'tags', 'platforms', 'token-host', 'content', 'refusals', 'retries', 'stalls',
        'pacing', 'credentials', 'connection', 'transport', 'transport-bodies', 'graph', 'selected-platforms', 'nondistributable-layers', 'attestations',
        'copy-options', 'referrer-lists'),
      ...named('test/custom-resource', 'small-request', 'aws-api'),
      ...allBut('test/engine', ...SLOW_ENGINE, ...LAST_ENGINE),
      ...named('test/copy/security', 'token-endpoint', 'hosts', 'large-referrers', 'redirects', 'echoes', 'bodies', 'slow-answers'),
      ...named('test/engine', ...LAST_ENGINE),
    ],
  },
  'lifecycle': {
    folder: 'src/repository/lifecycle',
    tests: [
      ...named('test/repository/lifecycle', 'simulator', 'documented-examples', 'harm'),
      ...allBut('test/repository/lifecycle', ...LAWS_OF_RULES),
    ],
  },
  'access': {
    folder: 'src/repository/access',
    tests: [
      ...named('test/repository', 'policy-actions', 'policy-edges', 'policy-tokens', 'policy-administration', 'policy-statements', 'policy-conditions',
        'policy-wrong-types', 'policy', 'grants', 'wrong-types', 'policy-intrinsics'),
      ...named('test/image', 'lambda-code'),
      ...named('test/registry', 'templates-and-policy'),
    ],
  },
  'template': {
    folder: 'src/private/template',
    tests: [
      ...named('test/private', 'template-dependencies', 'possible-values'),
      ...named('test', 'template-checks', 'circular-dependencies'),
      ...named('test/service/scaling', 'scaled-count'),
      ...named('test/service/deployment', 'alarms'),
      ...named('test/repository', 'policy-tokens', 'policy-intrinsics'),
    ],
  },
  'scanning': {
    folder: 'src/scanning/handler',
    tests: [
      ...named('test/scanning', 'verdict', 'scan-gate-looks', 'scan-gate-watch'),
      ...allBut('test/scanning', ...NO_GATE_FUNCTION, ...SLOW_GATES),
    ],
  },
  'traffic-shift': {
    folder: 'src/traffic-shift/handler',
    tests: named('test/traffic-shift', 'rule-handler', 'rule-refusals', 'listener-handler', 'traffic-shift-entry'),
  },
  'custom-resource': {
    folder: 'src/custom-resource',
    tests: [
      ...named('test/custom-resource', 'xml', 'answer', 'names', 'aws-api', 'rollback', 'protocol', 'invoker', 'images', 'small-request', 'lambda'),
      ...named('test/traffic-shift', 'rule-handler', 'listener-handler'),
      ...named('test/image-check', 'image-check-handler', 'image-check-disguises', 'image-check-troubles'),
      ...named('test/scanning', 'scan-gate-odd-answers', 'scan-gate-handler', 'scan-gate-rollback', 'scan-gate-disguises', 'scan-gate-indexes'),
      ...named('test/one-off-task', 'one-off-task-handler', 'one-off-task-start'),
      ...named('test/registry', 'blob-mounting-handler'),
    ],
  },
};
