import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { everything } from './everything';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');
const names = fs.readdirSync(EXAMPLES, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name);

// What CDK itself writes into every template, and no user can change: dependencies that a reference enforces already (W3005), outputs
// of values that come from another stack (W6001), and the zones of a VPC where the account and the region are named (W3010).
const OF_CDK = ['W3005', 'W3010', 'W6001'];

// The setup has said why, or has failed where a skip is not allowed.
const promise = process.env.CFN_LINT_PYTHON ? test : test.skip;

/** Findings of cfn-lint, one a line. */
function lint(templates: string[]): string[] {
  const { stdout, stderr, status } = spawnSync(String(process.env.CFN_LINT_PYTHON), [
    '-c', 'import cfnlint.runner.cli; cfnlint.runner.cli.main()', '--format', 'parseable', '--ignore-checks', ...OF_CDK, '--regions', 'eu-west-1', '--template', ...templates,
  ], { encoding: 'utf8' });
  if (status === null || (status !== 0 && stdout.trim() === '')) throw new Error(`cfn-lint did not run: ${stderr}`);
  return stdout.split('\n').filter(line => line !== '');
}

function templatesOf(app: App): string[] {
  return app.synth().stacksRecursively.map(({ templateFullPath }) => templateFullPath);
}

promise.each(names)('the template of examples/%s is one that cfn-lint has nothing to say about', name => {
  const { app } = jest.requireActual<{ app: App }>(path.join(EXAMPLES, name, 'app.ts'));

  expect(lint(templatesOf(app))).toEqual([]);
});

const INTEG = path.join(__dirname, '..', '..', 'integ');
const snapshots = ['Exposures', 'Deployments', 'Tasks'];

promise.each(snapshots)('the snapshot of all %s is one that cfn-lint has nothing to say about', name => {
  expect(lint([path.join(INTEG, `integ.${name.toLowerCase()}.ts.snapshot`, `${name}.template.json`)])).toEqual([]);
});

promise('a template with every setting of the repository and the registry is one that cfn-lint has nothing to say about', () => {
  expect(lint(templatesOf(everything()))).toEqual([]);
});

promise('cfn-lint would say it', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'cfn-lint-')), 'wrong.template.json');
  fs.writeFileSync(file, JSON.stringify({ Resources: { Repository: { Type: 'AWS::ECR::Repository', Properties: { ImageTagMutability: 'SOMETIMES' } } } }));

  expect(lint([file])).toEqual([expect.stringContaining("'SOMETIMES' is not one of")]);
});
