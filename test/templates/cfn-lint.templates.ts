import { spawn } from 'child_process';
import { once } from 'events';
import * as fs from 'fs';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import * as os from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { everything } from './everything';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');
const names = fs.readdirSync(EXAMPLES, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name);

// Findings that CDK itself causes in every template, and no user can change: dependencies that a reference enforces already (W3005), outputs
// of values from another stack (W6001), and the zones of a VPC with a given account and region (W3010).
const OF_CDK = ['W3005', 'W3010', 'W6001'];

// The setup has printed the reason, or has failed if skipping is not allowed.
const promise = process.env.CFN_LINT_PYTHON ? test : test.skip;

const load = createRequire(__filename);

const examples = new Map(names.map(name => [name, templatesOf((load(path.join(EXAMPLES, name, 'app.ts')) as { app: App }).app)]));

const INTEG = path.join(__dirname, '..', '..', 'integ');
const snapshots = new Map(['Exposures', 'Deployments', 'Tasks'].map(name => [
  name, path.join(INTEG, `integ.${name.toLowerCase()}.ts.snapshot`, `${name}.template.json`),
]));

const withEverything = templatesOf(everything());

const wrong = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'cfn-lint-')), 'wrong.template.json');
fs.writeFileSync(wrong, JSON.stringify({ Resources: { Repository: { Type: 'AWS::ECR::Repository', Properties: { ImageTagMutability: 'SOMETIMES' } } } }));

function templatesOf(app: App): string[] {
  return app.synth().stacksRecursively.map(({ templateFullPath }) => templateFullPath);
}

/** Findings of cfn-lint, one per line. It needs seconds to start, so it gets many templates at once. */
async function lint(templates: readonly string[]): Promise<string[]> {
  const child = spawn(String(process.env.CFN_LINT_PYTHON), [
    '-c', 'import cfnlint.runner.cli; cfnlint.runner.cli.main()', '--format', 'parseable', '--ignore-checks', ...OF_CDK, '--regions', 'eu-west-1', '--template', ...templates,
  ]);
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (status === null || (status !== 0 && stdout.trim() === '')) throw new Error(`cfn-lint did not run: ${stderr}`);
  return stdout.split('\n').filter(line => line !== '');
}

const all = [...[...examples.values()].flat(), ...snapshots.values(), ...withEverything, wrong];
const found: string[] = [];
const about = (templates: readonly string[]) => found.filter(line => templates.some(template => line.startsWith(`${template}:`)));

if (process.env.CFN_LINT_PYTHON) {
  beforeAll(async () => {
    const bySize = all.map(file => ({ file, size: fs.statSync(file).size })).sort((one, other) => other.size - one.size).map(({ file }) => file);
    // One process for each of two cores.
    const halves = [0, 1].map(half => bySize.filter((_, position) => position % 2 === half));
    found.push(...(await Promise.all(halves.map(lint))).flat());
  }, 600_000);
}

promise('every finding belongs to one of these templates', () => {
  expect(found.filter(line => !about(all).includes(line))).toEqual([]);
});

promise.each([...examples])('cfn-lint has no finding for the template of examples/%s', (_, templates) => {
  expect(about(templates)).toEqual([]);
});

promise.each([...snapshots])('cfn-lint has no finding for the snapshot of all %s', (_, template) => {
  expect(about([template])).toEqual([]);
});

promise('cfn-lint has no finding for a template with every setting of the repository and the registry', () => {
  expect(about(withEverything)).toEqual([]);
});

promise('cfn-lint reports a wrong template', () => {
  expect(about([wrong])).toEqual([expect.stringContaining("'SOMETIMES' is not one of")]);
});
