import { readdirSync, readFileSync } from 'fs';
import { createRequire } from 'node:module';
import * as path from 'path';
import { Duration, Lazy, Size, Token } from 'aws-cdk-lib';
import { checkValue, Rule, Shape } from '../../src/private/shape';
import { newStack } from '../helpers/stack';
import { messageOf, told } from '../helpers/wrong-input';

// Checks the tables of all options structs, so that no options struct needs its own tests for wrong types.

const SRC = path.join(__dirname, '../../src');
const load = createRequire(__filename);
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts') && !file.endsWith('.lambda.ts'));
const withTable = files.filter(file => readFileSync(path.join(SRC, file), 'utf8').includes('= new Shape<'));
const shapes = withTable.flatMap(file => Object.entries<unknown>(load(path.join(SRC, file)))
  .filter((entry): entry is [string, Shape<never>] => entry[1] instanceof Shape));
const entries = (shape: Shape<never>) => Object.entries<Rule>(shape.rules);

const TOKEN = Lazy.any({ produce: () => 1 });
const STACK = newStack();
const NEVER = ['x', 7, null, [], {}, true, () => undefined];

test('every table is exported, so that this test reaches it', () => {
  const declared = withTable.map(file => readFileSync(path.join(SRC, file), 'utf8').split('= new Shape<').length - 1).reduce((sum, count) => sum + count, 0);
  expect(shapes).toHaveLength(declared);
});

test.each(shapes)('%s: each wrong value is reported with property, rule, value and fix', (_, shape) => {
  for (const [name, rule] of entries(shape)) {
    for (const value of wrongValues(rule)) {
      const message = messageOf(() => checkValue(STACK, 'options.name', value, rule));
      expect([name, describeValue(value), message]).toEqual([name, describeValue(value), expect.stringMatching(told(pathOf(value, rule)))]);
    }
  }
});

test.each(shapes)('%s: a token is accepted', (_, shape) => {
  for (const [name, rule] of entries(shape)) {
    for (const value of tokens(rule)) expect([name, messageOf(() => checkValue(STACK, 'options.name', value, rule))]).toEqual([name, 'accepted']);
  }
});

test.each(shapes)('%s: a missing value is reported if the property is required, and otherwise accepted', (_, shape) => {
  for (const [name, rule] of entries(shape).filter(([, { kind }]) => kind !== 'other')) {
    const message = messageOf(() => checkValue(STACK, 'options.name', undefined, rule));
    expect([name, message]).toEqual([name, expect.stringMatching(rule.required ? told('options.name') : /^accepted$/)]);
  }
});

test.each(shapes)('%s: each name with wrong capital letters is reported with the correct spelling', (_, shape) => {
  for (const name of Object.keys(shape.rules)) {
    const misspelled = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
    expect(messageOf(() => shape.check(STACK, 'options', { [misspelled]: 1 })))
      .toContain(`'options.${misspelled}' must be spelled '${name}', got "${misspelled}". Write ${name}.`);
  }
});

test.each(shapes)('%s: a name from aws-cdk or of another construct is reported with its replacement', (_, shape) => {
  for (const [name, fix] of Object.entries(shape.replacements)) {
    expect(Object.keys(shape.rules)).not.toContain(name);
    expect(fix).toMatch(/^[A-Z].*\.$/);
    expect(messageOf(() => shape.check(STACK, 'options', { [name]: 1 }))).toContain(`'options.${name}' must be a property that exists here, got "${name}". ${fix}`);
  }
});

test.each(shapes)('%s: a value that is not an object is reported', (_, shape) => {
  for (const value of ['x', 7, null, undefined, [], () => undefined]) {
    expect(messageOf(() => shape.check(STACK, 'options', value))).toMatch(told('options'));
  }
});

function wrongValues(rule: Rule): unknown[] {
  switch (rule.kind) {
    case 'text': return NEVER.filter(value => typeof value !== 'string');
    case 'integer': return [...NEVER.filter(value => typeof value !== 'number'), ...bounds(rule), 1.5, NaN, Infinity];
    case 'number': return [...NEVER.filter(value => typeof value !== 'number'), ...bounds(rule), NaN, Infinity];
    case 'boolean': return [...NEVER.filter(value => typeof value !== 'boolean'), ...rule.known ? [TOKEN] : []];
    case 'duration': return [...NEVER, ...bounds({ min: 0, ...rule }).filter(count => count >= 0).map(count => Duration[rule.unit](count)),
      Duration[rule.unit === 'days' ? 'hours' : 'days'](Token.asNumber(TOKEN))];
    case 'size': return [...NEVER, ...bounds({ min: 0, ...rule }).filter(count => count >= 0).map(count => Size[rule.unit](count)),
      Size[rule.unit === 'mebibytes' ? 'gibibytes' : 'mebibytes'](Token.asNumber(TOKEN))];
    case 'enum': return [...NEVER, 'NO SUCH MEMBER'].filter(value => !rule.values.includes(value));
    case 'instance': return NEVER;
    case 'list': return [
      ...NEVER.filter(value => !Array.isArray(value)), [undefined],
      ...rule.min ? [[]] : [], ...rule.max === undefined ? [] : [Array(rule.max + 1).fill('x')],
      ...wrongValues(rule.of).map(value => Array(rule.min || 1).fill(value)),
    ];
    case 'map': return [...NEVER.filter(value => typeof value !== 'object' || value === null || Array.isArray(value)), { key: undefined }];
    case 'struct': return NEVER.filter(value => typeof value !== 'object' || value === null || Array.isArray(value));
    case 'other': return [];
  }
}

function bounds({ above, min, max }: { above?: number; min?: number; max?: number }): number[] {
  return [...above === undefined ? [] : [above], ...min === undefined ? [] : [min - 1], ...max === undefined ? [] : [max + 1]];
}

/** An error in a list or map names the wrong item. */
function pathOf(value: unknown, rule: Rule): string {
  if (rule.kind === 'list' && Array.isArray(value) && value.length >= (rule.min ?? 0) && value.length <= (rule.max ?? Infinity)) {
    return `options.name[0]${pathOf(value[0], rule.of).slice('options.name'.length)}`;
  }
  return rule.kind === 'map' && value instanceof Object && 'key' in value && rule.names?.pattern.test('key') !== false ? 'options.name.key' : 'options.name';
}

function tokens(rule: Rule): unknown[] {
  switch (rule.kind) {
    case 'text': return [Token.asString(TOKEN), `a-${Token.asString(TOKEN)}`, 'dummy-value-for-parameter'];
    case 'integer': case 'number': return [Token.asNumber(TOKEN)];
    case 'duration': return [Duration[rule.unit](Token.asNumber(TOKEN))];
    case 'size': return rule.known ? [] : [Size[rule.unit](Token.asNumber(TOKEN))];
    case 'boolean': return rule.known ? [] : [TOKEN];
    case 'enum': case 'map': return [TOKEN];
    case 'list': return [TOKEN, Token.asList(TOKEN)];
    default: return [];
  }
}

function describeValue(value: unknown): string {
  return value instanceof Duration || value instanceof Size ? value.toString() : JSON.stringify(value) ?? String(value);
}
