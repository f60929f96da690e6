import * as fs from 'fs';
import * as path from 'path';
import { runInNewContext } from 'vm';
import * as cdk from 'aws-cdk-lib';
import { ModuleKind, transpileModule } from 'typescript';
import { history } from '../examples/lifecycle/history';
import { picture } from '../examples/lifecycle/picture';
import * as library from '../src';
import { markdownPage } from './helpers/markdown';
import { APP } from './helpers/stack';

const DOCS = path.join(__dirname, '..', 'docs');

test('the picture of the deleted images matches the lifecycle simulator', () => {
  expect(fs.readFileSync(path.join(DOCS, 'what-gets-deleted.svg'), 'utf8')).toBe(picture());
});

test('in the picture, the deployed version, the two before it and the one that was deployed again stay until the end', () => {
  const there = history().filter(({ expired }) => expired === undefined).map(({ name }) => name);

  expect(there).toEqual(expect.arrayContaining(['app, version 6', 'app, version 5', 'app, version 4', 'app, version 1']));
});

test('in the picture, a signature stays as long as its image, and is deleted with it', () => {
  const expired = new Map(history().map(({ name, expired: day }) => [name, day]));

  expect(expired.get('signature of 2')).toBe(expired.get('app, version 2'));
  expect(expired.get('app, version 2')).toBeGreaterThan(0);
  expect(expired.get('signature of 6')).toBeUndefined();
});

test('the picture shows every kind of rule', () => {
  const rules = new Set(history().map(({ rule }) => rule).filter(rule => rule !== undefined));

  expect([...rules].sort()).toEqual([
    'Images with tags that start with dev- except the newest 2 expire',
    'Images with tags that start with release- expire after 90 days in the archive',
    'Versions of the image app except the newest 3 expire',
  ]);
});

test('the program of the guide prints the output in the guide', () => {
  const { blocks } = markdownPage('docs/guides/lifecycle-rules.md');
  const codeOf = (wanted: string) => blocks.filter(({ language }) => language === wanted).map(({ code }) => code);
  const [program] = codeOf('ts');
  const [promised] = codeOf('text');
  const printed: string[] = [];
  const { outputText } = transpileModule(program.replace("'./app'", JSON.stringify(APP)), { compilerOptions: { module: ModuleKind.CommonJS } });
  const modules: Record<string, unknown> = { 'aws-cdk-lib': cdk, 'cdk-container-delivery': library };
  const log = (text: string) => printed.push(`${text}\n`);
  runInNewContext(outputText, { exports: {}, Date, require: (name: string) => modules[name], console: { log } });

  expect(printed).not.toEqual([]);
  expect(printed.join('')).toBe(promised);
});
