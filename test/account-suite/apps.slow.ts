import * as fs from 'fs';
import * as path from 'path';
import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Stack } from 'aws-cdk-lib';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { APPS } from '../../integ/account/apps';
import { PREFIX, REPOSITORY_PREFIX, TAG } from '../../integ/account/names';
import { PLAN } from '../../integ/account/plan';
import { PROJECT } from '../helpers/markdown';

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** The assertions of an app: custom resources that fail the deployment if their result is not as expected. */
function assertionsOf(assembly: CloudAssembly): Resource[] {
  // A waiter gets the expectations in its own resource.
  return resourcesOf(assembly).filter(({ Type, Properties }) => Type.startsWith('Custom::DeployAssert@') && Properties?.expected !== undefined);
}

function resourcesOf(assembly: CloudAssembly): Resource[] {
  return assembly.stacks.flatMap(({ template }) => Object.values((template as { Resources?: Record<string, Resource> }).Resources ?? {}));
}

/** Each app with the contexts of its first and last step, and of the steps that must fail. */
const CASES = PLAN.flatMap(({ name, app, steps }) => steps
  .filter(({ fails }, index) => fails !== undefined || index === 0 || index === steps.length - 1)
  .map(({ title, context = {} }) => ({ name, app, title, context })));

test('the plan and the folder of apps contain the same apps', () => {
  const defined = fs.readdirSync(path.join(PROJECT, 'integ', 'account', 'apps')).flatMap(file => {
    const source = fs.readFileSync(path.join(PROJECT, 'integ', 'account', 'apps', file), 'utf8');
    return [...source.matchAll(/^export function (\w+)\(props: SceneProps\)/gm)].map(([, name]) => name);
  });

  expect(Object.values(APPS).map(({ name }) => name).sort()).toEqual(defined.sort());
  expect([...new Set(PLAN.map(({ app }) => app))].sort()).toEqual(Object.keys(APPS).sort());
  expect(new Set(PLAN.map(({ name }) => name)).size).toBe(PLAN.length);
});

test.each(CASES)('$name, "$title": the templates synthesize, with assertions', ({ app, context }) => {
  const scene = APPS[app]({ context });
  const assembly = scene.app.synth();

  expect(scene.app.node.findAll().filter(each => each instanceof IntegTest)).toHaveLength(1);
  expect(assertionsOf(assembly).length).toBeGreaterThan(0);
});

test('an app without assertions is reported', () => {
  const app = new App();
  new IntegTest(app, 'Integ', { testCases: [new Stack(app, 'Stack')] });

  expect(assertionsOf(app.synth())).toEqual([]);
});

test.each(Object.keys(APPS))('%s: the clean-up finds everything that a stack leaves behind', name => {
  const assembly = APPS[name]({}).app.synth();

  for (const { stackName, tags } of assembly.stacks) {
    expect(stackName).toMatch(new RegExp(`^${PREFIX}`));
    expect(tags[TAG]).toBeDefined();
  }
  const repositories = resourcesOf(assembly).filter(({ Type }) => Type === 'AWS::ECR::Repository');
  for (const { DeletionPolicy, Properties } of repositories) {
    expect([DeletionPolicy, Properties?.EmptyOnDelete]).toEqual(['Delete', true]);
    expect(Properties?.RepositoryName).toMatch(new RegExp(`^${REPOSITORY_PREFIX}`));
  }
  // CloudFormation begins the name of a log group with the name of its stack.
  const retained = resourcesOf(assembly).filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'));
  expect(retained.filter(({ Type, Properties }) => Type !== 'AWS::Logs::LogGroup' || Properties?.LogGroupName !== undefined)).toEqual([]);
  expect(resourcesOf(assembly).filter(({ Type }) => Type === 'AWS::S3::Bucket')).toEqual([]);
});

test.each(Object.keys(APPS))('%s: the function of the assertions supports every expectation', name => {
  const expectations = assertionsOf(APPS[name]({}).app.synth()).map(({ Properties }) => JSON.stringify(Properties?.expected));

  expect(expectations.filter(each => !/\$(ObjectLike|StringLike|ArrayWith)/.test(each) || each.includes('$Exact'))).toEqual([]);
});

test('no value that changes in a deployment is exported, because CloudFormation would reject the second deployment', () => {
  type Outputs = Record<string, { readonly Export?: unknown; readonly Value: unknown }>;
  const exportsOf = (version: string) => APPS.hello({ context: { version } }).app.synth().stacks
    .flatMap(({ template }) => Object.entries((template as { Outputs?: Outputs }).Outputs ?? {}))
    .filter(([, output]) => output.Export !== undefined);
  const text = JSON.stringify(exportsOf('1'));

  expect(text).not.toBe('[]');
  // Names stay. The results of a function can change.
  expect(text).not.toMatch(/ImageDigest|Custom::/);
  expect(exportsOf('2')).toEqual(exportsOf('1'));
});
