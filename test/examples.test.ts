import * as fs from 'fs';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

const EXAMPLES = path.join(__dirname, '..', 'examples');
const names = fs.readdirSync(EXAMPLES, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name);

interface Acknowledgement {
  readonly rule: string;
  readonly path: string;
  readonly reason: string;
}

/** Every finding as one line: which rule, and where. */
function findings(app: App): string[] {
  return new AwsSolutionsChecks(app, {}).validateScope(app).violations
    .flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`));
}

test('there are examples', () => {
  expect(names).toContain('hello');
});

describe.each(names)('examples/%s', name => {
  const folder = path.join(EXAMPLES, name);
  const { app } = jest.requireActual<{ app: App }>(path.join(folder, 'app.ts'));
  const acknowledged: Acknowledgement[] = JSON.parse(fs.readFileSync(path.join(folder, 'acknowledged-findings.json'), 'utf8'));

  test('has no cdk-nag AwsSolutions finding that is not acknowledged, and no acknowledgement without a finding', () => {
    expect(findings(app).sort()).toEqual(acknowledged.map(({ rule, path: at }) => `${rule} at ${at}`).sort());
  });

  test('says why for each finding that it acknowledges', () => {
    for (const { reason } of acknowledged) {
      expect(reason).toMatch(/^.{30,}\.$/);
    }
  });

  test('synthesizes', () => {
    expect(app.synth().stacks.length).toBeGreaterThan(0);
  });
});
