import * as fs from 'node:fs';
import * as path from 'node:path';

const PROJECT = path.join(__dirname, '..', '..');

interface MethodStruct { owner: string; method: string; isStatic: boolean; parameter: string; struct: string }

let found: MethodStruct[];
let pages: Map<string, string>;
beforeAll(async () => {
  const assembly = JSON.parse(fs.readFileSync(path.join(PROJECT, '.jsii'), 'utf8'));
  const { apiPages, structsOfMethods } = await import(path.join(PROJECT, 'projenrc', 'api-reference.mjs'));
  found = structsOfMethods(assembly);
  pages = apiPages(assembly);
});

/** The allowed names of the options struct of a method. */
const short = ({ method }: MethodStruct) => `${method[0].toUpperCase()}${method.slice(1)}Options`;
const long = (of: MethodStruct) => `${of.owner}${short(of)}`;

test('the props of a constructor are named after the class', () => {
  const constructors = found.filter(({ method }) => method === 'new');
  expect(constructors.map(({ struct }) => struct)).toContain('FargateServiceProps');
  expect(constructors.filter(({ owner, struct }) => struct !== `${owner}Props`)).toEqual([]);
});

test('the options of a method are named after the method, with the class name in front if the method name is too general', () => {
  const methods = found.filter(({ method, parameter }) => method !== 'new' && parameter === 'options');
  expect(methods.map(({ struct }) => struct)).toEqual(expect.arrayContaining(['CanaryOptions', 'PublicHttpOptions', 'NetworkPortTcpOptions']));
  expect(methods.filter(of => ![short(of), long(of)].includes(of.struct))).toEqual([]);
});

test('in one class either all options have its name in front or none, except for methods that two classes share', () => {
  const methods = found.filter(({ method, parameter }) => method !== 'new' && parameter === 'options');
  const isUnique = ({ method, owner }: MethodStruct) => methods.every(other => other.method !== method || other.owner === owner);
  const inFront = (of: MethodStruct) => of.struct === long(of);
  const unique = methods.filter(isUnique);
  const mixed = unique.filter(of => unique.some(other => other.owner === of.owner && inFront(other) !== inFront(of)));
  expect(mixed).toEqual([]);
});

test('docs/api is the output of "npx projen api"', () => {
  const folder = path.join(PROJECT, 'docs', 'api');
  expect(fs.readdirSync(folder).sort()).toEqual([...pages.keys()].sort());
  for (const [file, content] of pages) {
    expect([file, fs.readFileSync(path.join(folder, file), 'utf8')]).toEqual([file, content]);
  }
});

test('a page of docs/api has at most 60 KB', () => {
  expect([...pages].filter(([, content]) => content.length > 60_000).map(([file]) => file)).toEqual([]);
});
