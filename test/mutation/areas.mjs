/**
 * What is mutated, and which tests have to notice. Left out are tests that are exhaustive rather than sharp (they take minutes),
 * and tests that need Jest's own module registry.
 */
export const AREAS = {
  'engine': {
    folder: 'src/engine',
    tests: [
      'test/engine/{json,manifest-kind,parsing,public-addresses,tags,platforms,credentials,token-host}.test.ts',
      'test/engine/!(shapes|shapes-limits|ecr-quirks-limits|faults).test.ts',
      // The function in a process of its own is the bundle, which has no mutants.
      'test/copy/security/!(memory).test.ts',
      'test/copy/handler-secret.test.ts',
      'test/copy/handler.test.ts',
      'test/engine/{faults,ecr-quirks-limits}.test.ts',
    ],
  },
  'lifecycle': {
    folder: 'src/repository/lifecycle',
    tests: [
      'test/repository/lifecycle/simulator.test.ts',
      'test/repository/lifecycle/!(accepted-by-ecr|harm-laws|laws|oracle|published-laws).test.ts',
      'test/repository/{floating-tags,image-repository}.test.ts',
      'test/repository/lifecycle/{accepted-by-ecr,harm-laws,laws,oracle,published-laws}.test.ts',
    ],
  },
  'access': {
    folder: 'src/repository/access',
    tests: [
      'test/repository/policy-{actions,edges,statements,conditions,administration,tokens,wrong-types}.test.ts', 'test/repository/{policy,grants,wrong-types}.test.ts',
      'test/image/lambda-code.test.ts', 'test/registry/templates-and-policy.test.ts',
      // Thousands of policies each.
      'test/repository/policy-{intrinsics,laws}.test.ts',
    ],
  },
  'template': {
    folder: 'src/private/template',
    tests: ['test/private/possible-values.test.ts', 'test/repository/policy-intrinsics.test.ts'],
  },
  'scanning': {
    folder: 'src/scanning/handler',
    tests: ['test/scanning/{verdict,gate-log}.test.ts', 'test/scanning/scan-gate-!(permissions).test.ts', 'test/custom-resource/slow-aws.test.ts'],
  },
  'custom-resource': {
    folder: 'src/custom-resource',
    tests: [
      'test/custom-resource/!(memory).test.ts', 'test/scanning/scan-gate*.test.ts', 'test/image-check/*.test.ts', 'test/one-off-task/one-off-task-{handler,logs,rollback,start,entry}.test.ts',
      'test/registry/blob-mounting*.test.ts', 'test/copy/*.test.ts', 'test/copy/cloudformation/{answers,events,expired-source,rollback}.test.ts',
    ],
  },
};
