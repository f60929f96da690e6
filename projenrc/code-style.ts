import { Component } from 'projen';
import { TypeScriptProject } from 'projen/lib/typescript';

/** Rules that tools enforce: small files, imports in one direction, no `any`, no `!`. */
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
    });
    project.eslint?.addOverride({
      files: ['bench/**', 'local/**', 'src/**/*.lambda.ts'],
      rules: { 'no-console': 'off' },
    });
    const typecheck = project.addTask('typecheck', {
      description: 'Type check tests, examples and tooling (src is checked by jsii)',
      exec: 'tsc --noEmit -p test/tsconfig.json',
    });
    const dependencies = project.addTask('dependencies', {
      description: 'Report import cycles and imports in a forbidden direction, type imports included',
      exec: 'depcruise --config projenrc/dependencies.cjs src',
    });
    project.addTask('structure', {
      description: 'Print files, sizes, import cycles and imports of the source (--list names them)',
      exec: 'node projenrc/structure.mjs',
      receiveArgs: true,
    });
    // ts-jest only strips types.
    project.testTask.spawn(typecheck);
    project.testTask.spawn(dependencies);
  }
}
