// Settings of Stryker for one area; mutate.mjs starts it.
import { fileURLToPath } from 'node:url';
import { AREAS } from './areas.mjs';

const area = process.env.MUTATION_AREA ?? '';
const { folder, tests } = AREAS[area] ?? {};
if (folder === undefined) throw new Error(`MUTATION_AREA must be one of ${Object.keys(AREAS).join(', ')}, not '${area}'`);

const TARGET = 92;

export default {
  mutate: [`${folder}/**/*.ts`],
  testRunner: 'mocha',
  plugins: ['@stryker-mutator/mocha-runner'],
  mochaOptions: {
    'no-config': true,
    'no-package': true,
    'require': [fileURLToPath(new URL('jest-on-mocha.cjs', import.meta.url))],
    'spec': process.env.MUTATION_TESTS ? process.env.MUTATION_TESTS.split(',') : [...new Set(tests)],
  },
  coverageAnalysis: 'perTest',
  // On a busy machine, a shorter time would count mutants as killed that no test notices.
  timeoutMS: 30_000,
  timeoutFactor: 1,
  dryRunTimeoutMinutes: 15,
  thresholds: { high: TARGET, low: TARGET, break: TARGET },
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, allowEmojis: false },
  jsonReporter: { fileName: `.mutation/${area}.json` },
  incremental: true,
  incrementalFile: `.mutation/${area}.incremental.json`,
  tempDirName: `.mutation/tmp-${area}`,
  allowConsoleColors: false,
  warnings: { slow: false },
  disableTypeChecks: false,
  ignorePatterns: [
    '/.git', '/.mutation', '/API.md', '/bench', '/coverage', '/dist', '/docs', '/examples', '/integ', '/lib', '/.local-cloud', '/test-reports', 'cdk.out',
  ],
};
