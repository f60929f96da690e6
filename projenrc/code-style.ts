import { Component } from 'projen';
import { TypeScriptProject } from 'projen/lib/typescript';

/** House rules that a linter can hold: small files, one-way dependencies, no `any`, no `!`. */
export class CodeStyle extends Component {
  constructor(project: TypeScriptProject) {
    super(project);
    project.eslint?.addRules({
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
      '@stylistic/object-property-newline': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // Examples import the library by its name, which the type check resolves.
      'import/no-unresolved': ['error', { ignore: ['^cdk-container-delivery$'] }],
      // What only names a type of another file says so with `import type`, and is no dependency of the running code.
      'import/no-cycle': 'error',
      'import/no-restricted-paths': ['error', { zones: oneWay() }],
    });
    project.eslint?.addOverride({
      files: ['bench/**', 'local/**', 'src/**/*.lambda.ts'],
      rules: { 'no-console': 'off' },
    });
    const typecheck = project.addTask('typecheck', {
      description: 'Type check tests, examples and tooling (src is checked by jsii)',
      exec: 'tsc --noEmit -p test/tsconfig.json',
    });
    project.addTask('structure', {
      description: 'Print files, sizes, import cycles and imports of the source (--list names them)',
      exec: 'node projenrc/structure.mjs',
      receiveArgs: true,
    });
    // ts-jest only strips types.
    project.testTask.spawn(typecheck);
  }
}

/** `service -> image -> copy`, `image -> direct`, `image -> image-check`, `image -> scanning`, `repository -> image`, and `handlers -> custom-resource -> engine`. */
function oneWay() {
  const forbidden: Record<string, string[]> = {
    './src/engine': ['./src/!(engine)/**/*'],
    './src/custom-resource': ['./src/!(custom-resource|engine)/**/*'],
    './src/scanning': ['./src/!(custom-resource|engine|private|scanning)/**/*'],
    './src/image-check': ['./src/!(custom-resource|engine|image-check|private)/**/*'],
    './src/direct': ['./src/!(direct|private)/**/*'],
    './src/copy': ['./src/!(copy|custom-resource|engine|private)/**/*'],
    './src/image': [
      './src/kubernetes/**/*', './src/registry/**/*', './src/repository/**/*', './src/one-off-task/**/*', './src/scheduled-task/**/*', './src/service/**/*',
    ],
    './src/registry': ['./src/!(custom-resource|engine|private|registry|repository)/**/*'],
    './src/kubernetes': ['./src/!(image|kubernetes|private|service)/**/*'],
    './src/repository': ['./src/kubernetes/**/*', './src/registry/**/*', './src/one-off-task/**/*', './src/scheduled-task/**/*', './src/service/**/*'],
    './src/one-off-task': ['./src/!(custom-resource|engine|private|one-off-task|service)/**/*'],
    './src/scheduled-task': ['./src/!(private|scheduled-task|service)/**/*'],
    './src/service': ['./src/kubernetes/**/*', './src/registry/**/*', './src/one-off-task/**/*', './src/scheduled-task/**/*'],
    './src/private': ['./src/!(private)/**/*'],
    './src/service/exposure/load-balancer': ['./src/service/exposure/!(load-balancer)/**/*'],
  };
  return Object.entries(forbidden).map(([target, from]) => ({ target, from }));
}
