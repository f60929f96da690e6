import * as fs from 'fs';
import * as path from 'path';
import { IgnoreStrategy } from 'aws-cdk-lib';
import { exampleApp, examples } from './helpers/examples';

const EXAMPLES = path.join(__dirname, '..', 'examples');

// The CDK CLI adds these: https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-watch.html
const ALWAYS_EXCLUDED = ['cdk.out/**', '**/.*', '**/.*/**', '**/node_modules/**'];

test('there are examples', () => {
  expect(examples).toContain('hello');
});

test.each(examples)('examples/%s synthesizes', name => {
  expect(exampleApp(name).synth().stacks.length).toBeGreaterThan(0);
});

describe.each(examples)('`cdk watch` in examples/%s', name => {
  const folder = path.join(EXAMPLES, name);
  const { watch: { include, exclude } } = JSON.parse(fs.readFileSync(path.join(folder, 'cdk.json'), 'utf8'));
  const [included, excluded] = [include, [...exclude, ...ALWAYS_EXCLUDED]].map((patterns: string[]) => IgnoreStrategy.glob(folder, patterns));
  const isWatched = (file: string) => included.ignores(path.join(folder, file)) && !excluded.ignores(path.join(folder, file));

  test('watches the program and every file of the build context', () => {
    const context = path.join(folder, 'app');
    const inContext = fs.existsSync(context) ? fs.readdirSync(context).map(file => `app/${file}`) : [];

    expect(['app.ts', ...inContext, 'app/Dockerfile', 'app/src/main.js', 'app/index.html'].filter(file => !isWatched(file))).toEqual([]);
  });

  test('ignores the files that a deployment writes', () => {
    expect(['cdk.out/manifest.json', 'node_modules/tsx/package.json', 'app/node_modules/x/index.js', 'cdk.context.json'].filter(isWatched)).toEqual([]);
  });
});
