/**
 * What is mutated, and which tests have to notice. Left out are tests that take minutes, tests of bundled functions, which have no mutants, and
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

/** The test files of a folder, without subfolders and without these. */
function allBut(folder, ...names) {
  const excluded = named(folder, ...names);
  const files = readdirSync(folder).filter(name => name.endsWith('.test.ts')).sort().map(name => path.posix.join(folder, name));
  return files.filter(file => !excluded.includes(file));
}

const LAWS_OF_RULES = ['accepted-by-ecr', 'harm-laws', 'laws', 'oracle', 'published-laws'];
const SLOW_COPIES = ['bodies', 'slow-answers', 'redirects'];

export const AREAS = {
  'engine': {
    folder: 'src/engine',
    tests: [
      ...named('test/engine', 'json', 'manifest-kind', 'parsing', 'public-addresses', 'tags', 'platforms', 'credentials', 'token-host', 'pacing'),
      ...allBut('test/engine', 'shapes', 'shapes-limits', 'ecr-quirks-limits', 'faults'),
      ...allBut('test/copy/security', 'memory', ...SLOW_COPIES),
      ...allBut('test/copy'),
      ...named('test/copy/security', ...SLOW_COPIES),
      ...named('test/custom-resource', 'small-request', 'aws-api'),
      ...named('test/engine', 'faults', 'ecr-quirks-limits'),
    ],
  },
  'lifecycle': {
    folder: 'src/repository/lifecycle',
    tests: [
      ...named('test/repository/lifecycle', 'simulator'),
      ...allBut('test/repository/lifecycle', ...LAWS_OF_RULES),
      ...named('test/repository', 'floating-tags', 'image-repository'),
      ...named('test/repository/lifecycle', ...LAWS_OF_RULES),
    ],
  },
  'access': {
    folder: 'src/repository/access',
    tests: [
      ...named('test/repository', 'policy-actions', 'policy-edges', 'policy-statements', 'policy-conditions', 'policy-administration', 'policy-tokens',
        'policy-wrong-types', 'policy', 'grants', 'wrong-types'),
      ...named('test/image', 'lambda-code'),
      ...named('test/registry', 'templates-and-policy'),
      // Thousands of policies each.
      ...named('test/repository', 'policy-intrinsics', 'policy-laws'),
    ],
  },
  'template': {
    folder: 'src/private/template',
    tests: [
      ...named('test/private', 'possible-values'),
      ...named('test', 'template-checks', 'circular-dependencies'),
      ...named('test/service/scaling', 'scaled-count'),
      ...named('test/service/deployment', 'alarms'),
      ...named('test/repository', 'policy-tokens', 'policy-intrinsics'),
    ],
  },
  'scanning': {
    folder: 'src/scanning/handler',
    tests: [...named('test/scanning', 'verdict', 'gate-log'), ...allBut('test/scanning', 'scan-gate', 'scan-gate-permissions', 'on-finding', 'wrong-types')],
  },
  'traffic-shift': {
    folder: 'src/traffic-shift/handler',
    tests: named('test/traffic-shift', 'rule-handler', 'listener-handler', 'traffic-shift-entry', 'traffic-model'),
  },
  'custom-resource': {
    folder: 'src/custom-resource',
    tests: [
      ...named('test/custom-resource', 'xml', 'answer', 'names', 'small-request', 'aws-api', 'rollback', 'protocol', 'invoker', 'images'),
      ...allBut('test/custom-resource', 'memory', 'slow-aws'),
      ...named('test/traffic-shift', 'rule-handler', 'listener-handler', 'traffic-shift-entry'),
      ...allBut('test/image-check', 'image-check-permissions'),
      ...named('test/one-off-task', 'one-off-task-handler', 'one-off-task-logs', 'one-off-task-rollback', 'one-off-task-start', 'one-off-task-entry'),
      ...allBut('test/scanning', 'scan-gate', 'scan-gate-permissions', 'on-finding', 'wrong-types'),
      ...named('test/registry', 'blob-mounting-handler', 'blob-mounting-entry'),
      ...allBut('test/copy'),
      ...named('test/copy/cloudformation', 'answers', 'events', 'expired-source', 'rollback'),
      ...named('test/custom-resource', 'slow-aws'),
    ],
  },
};
