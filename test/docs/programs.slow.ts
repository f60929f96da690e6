import * as fs from 'fs';
import { createRequire } from 'node:module';
import * as os from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import * as library from '../../src';
import { FEATURE_FLAGS, typeErrors } from '../helpers/cdk-init';
import { dockerArchive } from '../helpers/image-archive';
import { CodeBlock, MarkdownPage, markdownPage, markdownPages } from '../helpers/markdown';
import { APP } from '../helpers/stack';

// Every TypeScript block is a whole program that replaces `bin/my-app.ts` in a project made by `cdk init app --language typescript`.
const PAGES = [markdownPage('README.md'), ...markdownPages('docs/guides'), ...markdownPages('docs/guides/migrating')];
const programsOf = ({ blocks }: MarkdownPage) => blocks.filter(({ language }) => language === 'ts');
const PROGRAMS = PAGES.flatMap(programsOf);
const byPlace = (programs: CodeBlock[]) => programs.map(program => [program.at, program] as const);

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'my-app-'));
  fs.cpSync(APP, path.join(folder, 'app'), { recursive: true });
  // Files that the reader creates.
  for (const page of PAGES) {
    const shell = page.blocks.filter(({ language }) => language === 'sh').map(({ code }) => code).join();
    for (const [, file] of shell.matchAll(/([\w-]+\.tar)\b/g)) {
      fs.copyFileSync(dockerArchive({ names: [`${file}:latest`], text: file, architecture: /-(\w+)\.tar$/.exec(file)?.[1] }), path.join(folder, file));
    }
  }
  process.env.CDK_CONTEXT_JSON = JSON.stringify(FEATURE_FLAGS);
});
afterAll(() => {
  delete process.env.CDK_CONTEXT_JSON;
  fs.rmSync(folder, { recursive: true });
});

/** Runs a program in the folder, like the CDK CLI. */
function synthesize({ code }: CodeBlock): CloudAssembly {
  // The working directory of a Jest process cannot be changed for one test alone.
  const inFolder = `${code.replace(/(['"`])\.\//g, `$1${folder}/`)}\nexport const appOfProgram = app;\n`;
  const { outputText } = transpileModule(inFolder, { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } });
  const compiled: { appOfProgram?: App } = {};
  const fromHere = createRequire(__filename);
  const load = (name: string): unknown => name === 'cdk-container-delivery' ? library : fromHere(name);
  new Function('exports', 'require', 'console', outputText)(compiled, load, { log: () => {} });
  if (!(compiled.appOfProgram instanceof App)) throw new Error('A program makes its app by: const app = new App();');
  return compiled.appOfProgram.synth();
}

test('README and each guide have a program', () => {
  const without = PAGES.filter(page => programsOf(page).length === 0).map(({ name }) => name);

  // The index of the guides, programs in other languages (another test compiles them), and a command.
  expect(without).toEqual(['docs/guides/README.md', 'docs/guides/languages.md', 'docs/guides/local-cloud.md']);
});

test('a TypeScript block has no tag, so that it is compiled without changes', () => {
  const languages = new Set(PAGES.flatMap(({ blocks }) => blocks.map(({ language }) => language)));

  expect([...languages].filter(language => /^(ts|typescript)\b./.test(language))).toEqual([]);
});

test('the types of every program are right, and no import is unused', () => {
  const wrong = "import { App } from 'aws-cdk-lib';\nexport const size: number = '1';\n";
  const errors = typeErrors([...PROGRAMS.map(({ code }) => code), wrong]);
  const found = PROGRAMS.map(({ at }, index) => ({ at, errors: errors[index] }));

  expect(found.filter(program => program.errors.length > 0)).toEqual([]);
  expect(errors[PROGRAMS.length].map(text => /TS\d+/.exec(text)?.[0])).toEqual(['TS6133', 'TS2322']);
}, 180_000);

test.each(byPlace(PROGRAMS))('%s synthesizes, without a warning', (_, program) => {
  const { stacksRecursively } = synthesize(program);
  const resources = stacksRecursively.map(({ template }) => Object.keys(template.Resources ?? {}).length);
  const messages = stacksRecursively.flatMap(stack => stack.messages).filter(({ level }) => level !== 'info');

  expect(resources.length).toBeGreaterThan(0);
  expect(resources).not.toContain(0);
  expect(messages.map(({ id, entry }) => `${id}: ${String(entry.data)}`)).toEqual([]);
});
