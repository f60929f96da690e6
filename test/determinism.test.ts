import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { HelloStack } from '../examples/hello/hello-stack';

const PROJECT = path.join(__dirname, '..');
const APP = path.join(PROJECT, 'examples', 'hello', 'app');

let scratch: string;
beforeEach(() => scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'determinism-')));
afterEach(() => fs.rmSync(scratch, { recursive: true }));

/** The template of examples/hello, synthesized in this process. */
function synthesize(name: string, app: string): string {
  const cdk = new App({ outdir: path.join(scratch, name) });
  new HelloStack(cdk, 'Hello', { app });
  return fs.readFileSync(cdk.synth().getStackByName('Hello').templateFullPath, 'utf8');
}

/** A copy of the example's app in a folder of the same name. */
function copyOfApp(name: string): string {
  const copy = path.join(scratch, name, 'app');
  fs.cpSync(APP, copy, { recursive: true });
  return copy;
}

/** Every path in a JSON document at which two versions differ. */
function differences(before: unknown, after: unknown, at = ''): string[] {
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null) {
    return before === after ? [] : [at];
  }
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap(key => differences(a[key], b[key], `${at}/${key}`));
}

test('an unchanged app has the same template, byte for byte, from a copy in any folder', () => {
  expect(synthesize('first', APP)).toBe(synthesize('second', copyOfApp('elsewhere')));
});

test('an unchanged app has the same template from another working directory and in another process', () => {
  const out = path.join(scratch, 'out');
  execFileSync(process.execPath, ['--import', 'tsx', path.join(PROJECT, 'examples', 'hello', 'app.ts')], {
    cwd: path.join(PROJECT, 'examples'),
    env: { ...process.env, CDK_OUTDIR: out, TSX_TSCONFIG_PATH: path.join(PROJECT, 'test', 'tsconfig.json') },
  });

  expect(fs.readFileSync(path.join(out, 'Hello.template.json'), 'utf8')).toBe(synthesize('here', APP));
});

test('a changed file changes the copied image, and nothing else in the template', () => {
  const changed = copyOfApp('changed');
  fs.appendFileSync(path.join(changed, 'index.html'), '<p>changed</p>');

  const before = JSON.parse(synthesize('before', APP));
  const after = JSON.parse(synthesize('after', changed));
  expect(differences(before, after)).toEqual([
    expect.stringMatching(/^\/Resources\/RepositoryImagesappCopy[0-9A-F]{8}\/Properties\/Source\/Fn::Sub$/),
  ]);
});
