import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';
import { PROJECT } from './markdown';

const TEMPLATES = path.join(PROJECT, 'node_modules', 'aws-cdk', 'lib', 'init-templates');

/** The feature flags that `cdk init` writes into `cdk.json`. */
export const FEATURE_FLAGS: Readonly<Record<string, unknown>> = JSON.parse(
  fs.readFileSync(path.join(TEMPLATES, '.recommended-feature-flags.json'), 'utf8'),
);

/** The compiler options that `cdk init app --language typescript` writes into `tsconfig.json`. */
export function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path.join(TEMPLATES, 'app', 'typescript', 'tsconfig.json'), ts.sys.readFile);
  const { options, errors } = ts.convertCompilerOptionsFromJson(config.compilerOptions, PROJECT);
  if (errors.length > 0) throw new Error(ts.formatDiagnostics(errors, FORMAT));
  return options;
}

/** The messages of the compiler for programs of such a project, each in its own file. */
export function typeErrors(programs: readonly string[]): string[][] {
  const options: ts.CompilerOptions = {
    ...compilerOptions(),
    // Stricter than the template: unused imports are errors.
    noUnusedLocals: true,
    paths: { 'cdk-container-delivery': [path.join(PROJECT, 'src')] },
  };
  const files = new Map(programs.map((text, index) => [path.join(PROJECT, 'bin', `program-${index}.ts`), text]));
  const disk = compilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    // Comments are half of the text of aws-cdk-lib.
    jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    fileExists: file => files.has(file) || disk.fileExists(file),
    readFile: file => files.get(file) ?? disk.readFile(file),
    getSourceFile: (file, version, ...others) => {
      const text = files.get(file);
      return text === undefined ? disk.getSourceFile(file, version, ...others) : ts.createSourceFile(file, text, version);
    },
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map(file => {
    const source = program.getSourceFile(file);
    const errors = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return errors.map(error => ts.formatDiagnostic(error, FORMAT).trimEnd());
  });
}

/** Reads files for the compiler, except that `aws-cdk-lib` exports no service (`aws_s3`): reading all of them takes twice as long. */
export function compilerHost(options: ts.CompilerOptions): ts.CompilerHost {
  const disk = ts.createCompilerHost(options);
  return {
    ...disk,
    getSourceFile: (file, version, ...others) => file.endsWith('/aws-cdk-lib/index.d.ts')
      ? ts.createSourceFile(file, "export * from './core';\n", version) : disk.getSourceFile(file, version, ...others),
  };
}

const FORMAT: ts.FormatDiagnosticsHost = {
  getCurrentDirectory: () => PROJECT, getNewLine: () => '\n', getCanonicalFileName: file => file,
};
