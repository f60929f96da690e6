import * as fs from 'fs';
import * as path from 'path';
import { runInNewContext } from 'vm';
import * as cdk from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as ecs_patterns from 'aws-cdk-lib/aws-ecs-patterns';
import { ModuleKind, transpileModule } from 'typescript';
import * as library from '../src';
import { APP, newCluster, newStack } from './helpers/stack';

const PAGE = fs.readFileSync(path.join(__dirname, '..', 'docs', 'side-by-side.md'), 'utf8');

interface Resource {
  Properties?: Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
}

const BEFORE = new Set(idsBefore());

function idsBefore(): string[] {
  const stack = newStack();
  newCluster(stack);
  return Object.keys(Template.fromStack(stack).toJSON().Resources);
}

/** The resources that a program of the page adds to a stack that has a VPC and a cluster. */
function resourcesOf(name: string): { type: string; resource: Resource }[] {
  const [, program] = new RegExp(`\`\`\`ts ${name}\n([^]*?)\`\`\``).exec(PAGE) ?? [];
  if (program === undefined) throw new Error(`The page has no program '${name}'.`);
  const stack = newStack();
  const cluster = newCluster(stack);
  // The folder in the page does not exist.
  const code = transpileModule(`(function () { ${program.replace('\'./app\'', JSON.stringify(APP))} }).call(stack);`, {
    compilerOptions: { module: ModuleKind.CommonJS },
  });
  runInNewContext(code.outputText, { ...cdk, ...library, ecs, ecs_patterns, cluster, stack });
  return Object.entries(Template.fromStack(stack).toJSON().Resources as Record<string, Resource & { Type: string }>)
    .filter(([id]) => !BEFORE.has(id))
    .map(([, resource]) => ({ type: resource.Type, resource }));
}

function tableOf(...names: string[]): string[] {
  const programs = names.map(resourcesOf);
  const types = [...new Set(programs.flat().map(({ type }) => type))].sort();
  return types.map(type => `| \`${type}\` | ${programs.map(resources => resources.filter(each => each.type === type).length || '–').join(' | ')} |`);
}

test('the tables of the page match the resources of its programs', () => {
  // To write them again: SIDE_BY_SIDE=print npx jest test/side-by-side
  if (process.env.SIDE_BY_SIDE) process.stdout.write(`${[...tableOf('ours', 'patterns'), '', ...tableOf('private', 'private-patterns')].join('\n')}\n`);
  const told = PAGE.split('\n').filter(line => line.startsWith('| `AWS::') || line.startsWith('| `Custom::'));

  expect(told).toEqual([...tableOf('ours', 'patterns'), ...tableOf('private', 'private-patterns')]);
});

describe('the settings on the page', () => {
  const find = (name: string, type: string) => resourcesOf(name).find(each => each.type === type)?.resource.Properties ?? {};

  test.each([['ours', true], ['private', true], ['patterns', undefined]])('%s: the circuit breaker is %p', (name, enabled) => {
    expect(find(name, 'AWS::ECS::Service').DeploymentConfiguration.DeploymentCircuitBreaker?.Enable).toBe(enabled);
  });

  test.each([['ours', 100], ['patterns', 50]])('%s: at least %i percent of the tasks run during a deployment', (name, percent) => {
    expect(find(name, 'AWS::ECS::Service').DeploymentConfiguration.MinimumHealthyPercent).toBe(percent);
  });

  test.each([['ours', 30], ['patterns', undefined]])('%s: logs are kept for %p days', (name, days) => {
    expect(find(name, 'AWS::Logs::LogGroup').RetentionInDays).toBe(days);
  });

  test.each([['private', 'own'], ['private-patterns', 'bootstrap']])('%s: the image runs from the %s repository', (name, repository) => {
    const [{ Image }] = find(name, 'AWS::ECS::TaskDefinition').ContainerDefinitions;
    expect(JSON.stringify(Image)).toMatch(repository === 'own' ? /@sha256:/ : /cdk-hnb659fds-container-assets/);
  });
});
