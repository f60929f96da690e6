import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { gzipSync } from 'zlib';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { bundleCommand } from '../../projenrc/handler-bundle';
import { run } from '../../src/migration-check/command';
import { REPLACEMENT_PROPERTIES } from '../../src/migration-check/replacement-properties';
import { createOnlyProperties } from '../helpers/replacements';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'check-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function command(...args: string[]): { code: number; out: string; problem: string } {
  let [out, problem] = ['', ''];
  const code = run(args, text => { out += text; }, text => { problem += text; });
  return { code, out, problem };
}

const file = (name: string, content: unknown): string => {
  const full = path.join(folder, name);
  fs.writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content));
  return full;
};

const repository = (properties: object = {}) => ({ Resources: { Images: { Type: 'AWS::ECR::Repository', Properties: properties } } });

test('two files with the same template cause exit code 0', () => {
  const same = file('same.json', repository());

  expect(command('check-migration', '--deployed', same, '--new', same)).toEqual({ code: 0, out: 'Nothing fails, gets lost or changes its meaning.\n', problem: '' });
});

test('a loss causes exit code 1, with its effect and the fix', () => {
  const [deployed, now] = [file('old.json', repository({ RepositoryName: 'a' })), file('new.json', repository({ RepositoryName: 'b' }))];
  const { code, out } = command('check-migration', '--deployed', deployed, '--new', now);

  expect(code).toBe(1);
  expect(out).toBe([
    'LOSES    Images',
    '         AWS::ECR::Repository is replaced, because RepositoryName changes: the new one has no images.',
    '         Fix: Keep the deployed value of RepositoryName.',
    '', '0 would fail, 1 would get lost, 0 would change.', '',
  ].join('\n'));
});

test('a change causes exit code 0', () => {
  const [deployed, now] = [file('old.json', repository()), file('new.json', repository({ ImageTagMutability: 'IMMUTABLE' }))];

  expect(command('check-migration', '--deployed', deployed, '--new', now).code).toBe(0);
});

test.each([
  ['the answer of get-template', (template: object) => ({ TemplateBody: template, StagesAvailable: ['Original', 'Processed'] })],
  ['the answer of get-template with a text', (template: object) => ({ TemplateBody: JSON.stringify(template) })],
])('%s is a deployed template', (_, answer) => {
  const [deployed, now] = [file('old.json', answer(repository({ RepositoryName: 'a' }))), file('new.json', repository({ RepositoryName: 'a' }))];

  expect(command('check-migration', '--deployed', deployed, '--new', now).code).toBe(0);
});

test('the findings are available as JSON', () => {
  const [deployed, now] = [file('old.json', repository()), file('new.json', { Resources: {} })];
  const { code, out } = command('check-migration', '--json', `--deployed=${deployed}`, `--new=${now}`);

  expect([code, JSON.parse(out)]).toEqual([1, [expect.objectContaining({ severity: 'loses', subject: 'Images' })]]);
});

describe('in a cloud assembly', () => {
  function synthesize(): string {
    const app = new App({ outdir: path.join(folder, 'cdk.out') });
    new Repository(new Stack(app, 'Shop', { stackName: 'shop-prod' }), 'Repository');
    new Repository(new Stack(new Stage(app, 'Prod'), 'Web'), 'Repository');
    return app.synth().directory;
  }

  test.each(['Shop', 'shop-prod', 'Prod/Web', 'Prod-Web'])('a stack is found as %s', name => {
    const deployed = file('old.json', { Resources: {} });

    expect(command('check-migration', name, '--deployed', deployed, '--app', synthesize())).toEqual({ code: 0, out: expect.stringMatching(/^Nothing/), problem: '' });
  });

  test('an unknown stack and a missing selection are reported with the available stacks', () => {
    const deployed = file('old.json', { Resources: {} });
    const app = synthesize();

    expect(command('check-migration', 'Web', '--deployed', deployed, '--app', app)).toMatchObject({ code: 2, problem: expect.stringContaining('has no stack "Web". It has: Prod/Web, Shop.') });
    expect(command('check-migration', '--deployed', deployed, '--app', app)).toMatchObject({ code: 2, problem: expect.stringContaining('Name one of the stacks: Prod/Web, Shop.') });
  });

  test('without a file, the command gets the deployed template from the AWS CLI in the region of the stack', () => {
    const bin = path.join(folder, 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(path.join(bin, 'aws'), `#!/bin/sh\necho "$@" > ${folder}/asked\necho '{"TemplateBody":{"Resources":{}}}'\n`, { mode: 0o755 });
    const app = new App({ outdir: path.join(folder, 'cdk.out') });
    new Repository(new Stack(app, 'Shop', { env: { account: '111122223333', region: 'eu-west-1' } }), 'Repository');
    app.synth();
    const { PATH } = process.env;
    process.env.PATH = `${bin}${path.delimiter}${PATH}`;
    try {
      expect(command('check-migration', 'Shop', '--app', path.join(folder, 'cdk.out'))).toMatchObject({ code: 0, problem: '' });
    } finally {
      process.env.PATH = PATH;
    }
    expect(fs.readFileSync(path.join(folder, 'asked'), 'utf8')).toBe('cloudformation get-template --stack-name Shop --output json --region eu-west-1\n');
  });

  test('a missing assembly is reported', () => {
    expect(command('check-migration', '--deployed', file('old.json', { Resources: {} }), '--app', folder)).toMatchObject({ code: 2, problem: expect.stringContaining('Run "cdk synth" first') });
  });
});

test.each([
  [['check-migration', '--deployed'], '--deployed needs a value.'],
  [['check-migration', '--nested', 'Database'], '--nested needs a logical ID and a file, e.g. --nested Database=database.json, and got "Database".'],
  [['check-migration', '--what'], 'Unknown argument "--what".'],
  [['check-migration', 'One', 'Two'], 'Unknown argument "Two".'],
  [['deploy'], 'Unknown command "deploy".'],
])('%j causes exit code 2, and the usage is printed', (args, problem) => {
  expect(command(...args)).toMatchObject({ code: 2, problem: expect.stringMatching(new RegExp(`${problem.replace(/[.]/g, '\\.')}[^]*Usage:`)) });
});

test('a file that does not exist or is not a template is reported', () => {
  const good = file('good.json', repository());

  expect(command('check-migration', '--deployed', path.join(folder, 'none.json'), '--new', good)).toMatchObject({ code: 2, problem: expect.stringContaining('none.json cannot be read.') });
  expect(command('check-migration', '--deployed', file('b.yaml', 'Resources: {'), '--new', good)).toMatchObject({ code: 2, problem: expect.stringMatching(/b\.yaml is neither JSON nor YAML: .* in line 2\./) });
  expect(command('check-migration', '--deployed', file('n.json', []), '--new', good)).toMatchObject({ code: 2, problem: expect.stringContaining('is neither a JSON nor a YAML object') });
  expect(command('check-migration', '--deployed', file('y.yaml', 'Resources:\n'), '--new', good)).toMatchObject({ code: 2, problem: expect.stringContaining('it has no Resources') });
  expect(command('check-migration', '--deployed', file('e.json', {}), '--new', good)).toMatchObject({ code: 2, problem: expect.stringContaining('it has no Resources') });
});

test('--help prints the usage', () => {
  expect(command('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Exit code:') });
  expect(command()).toMatchObject({ code: 2, out: expect.stringContaining('Usage:') });
});

test('the table of properties that cause a replacement matches AWS', () => {
  const listed = Object.entries(REPLACEMENT_PROPERTIES).map(([type, names]) => [type, names.split(' ').map(name => name.replace('?', ''))]);

  expect(listed.length).toBeGreaterThan(200);
  expect(listed).toEqual(listed.map(([type]) => [type, [...createOnlyProperties(type as string)].sort()]));
});

describe('the bundle of the command', () => {
  const { files, packages, required } = bundleCommand();

  test('needs only Node.js, and names the package in it', () => {
    expect(new Set(required)).toEqual(new Set(['child_process', 'fs', 'path']));
    expect(packages.map(({ name, license }) => [name, license])).toEqual([['js-yaml', 'MIT']]);
    expect(files.NOTICE).toContain('js-yaml');
  });

  test('is smaller than 32 KB compressed', () => {
    expect(gzipSync(files['index.js']).length).toBeLessThan(32_000);
  });

  test('is a program', () => {
    const program = file('check.js', files['index.js']);
    const same = file('same.yaml', 'Resources: { Images: { Type: AWS::ECR::Repository } }');

    expect(files['index.js'].startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(execFileSync(process.execPath, [program, 'check-migration', '--deployed', same, '--new', same], { encoding: 'utf8' })).toMatch(/^Nothing fails/);
  });
});
