import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { generatePackages, go, java, python, RunExample } from './packages';
import { exampleApp } from '../helpers/examples';

const EXAMPLES = { hello: 'Hello', release: 'Release' };

let packages: string;
let outputs: string;
beforeAll(async () => {
  outputs = fs.mkdtempSync(path.join(os.tmpdir(), 'languages-'));
  packages = await generatePackages();
});
afterAll(() => fs.rmSync(outputs, { recursive: true, force: true }));

const typeScript = (example: string, stack: string): Record<string, unknown> => exampleApp(example).synth().getStackByName(stack).template;

describe.each<[string, () => Promise<RunExample>]>([
  ['Python', python], ['Java', java], ['Go', () => go(Object.keys(EXAMPLES))],
])('a program in %s', (language, prepare) => {
  let runExample: RunExample;
  beforeAll(async () => {
    runExample = await prepare();
  });

  test.each(Object.entries(EXAMPLES))('synthesizes the same template of examples/%s as the TypeScript program', async (example, stack) => {
    const outdir = path.join(outputs, `${language}-${example}`);
    await runExample(example, outdir);
    const template = JSON.parse(fs.readFileSync(path.join(outdir, `${stack}.template.json`), 'utf8'));
    expect(Object.keys(template.Resources).length).toBeGreaterThan(30);
    expect(template).toEqual(typeScript(example, stack));
  });
});

test('the README of the Python package shows Python', () => {
  const readme = fs.readFileSync(path.join(packages, 'python', 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```python\n(.*?)^```/gms)].map(([, code]) => code);
  expect(blocks.length).toBeGreaterThan(0);
  expect(blocks.join('\n')).toMatch(/from cdk_container_delivery import .*FargateService/);
  expect(blocks.join('\n')).toMatch(/desired_count=2/);
  expect(readme).not.toMatch(/^```ts|desiredCount|\bconst \w+ = new /m);
});

test('the README of the Python package uses structs, because jsii drops unknown keys of a dict', () => {
  const readme = fs.readFileSync(path.join(packages, 'python', 'README.md'), 'utf8');
  expect(readme).toMatch(/containers=\{"web": ContainerOptions\(/);
  expect(readme).not.toMatch(/containers=\{\s*"\w+": \{/);
});
