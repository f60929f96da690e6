import { CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import { cycleIn } from '../../src/private/template/cycle';
import { dependenciesOf, namedIn, waitsFor } from '../../src/private/template/template-dependencies';
import { newStack } from '../helpers/stack';

describe('a resource depends on', () => {
  test.each<[string, unknown, string[]]>([
    ['the resources in DependsOn, as a text or a list', { DependsOn: 'A' }, ['A']], ['all that it names', { DependsOn: ['A', 'B', 7] }, ['A', 'B']],
    ['the resources that its properties refer to', { Properties: { a: { Ref: 'A' }, b: [{ 'Fn::GetAtt': ['B', 'Arn'] }] } }, ['A', 'B']],
    ['nothing in its metadata', { Metadata: { a: { Ref: 'A' } } }, []],
    ['nothing if it is invalid', 'A', []],
  ])('%s', (_, resource, ids) => {
    expect(dependenciesOf(resource)).toEqual(ids);
  });

  test.each<[string, unknown, string[]]>([
    ['Ref', { Ref: 'A' }, ['A']], ['GetAtt as a list', { 'Fn::GetAtt': ['A', 'Arn'] }, ['A']], ['GetAtt as a text', { 'Fn::GetAtt': 'Table.Arn' }, ['Table']],
    ['GetAtt with an attribute that is made', { 'Fn::GetAtt': ['A', { Ref: 'B' }] }, ['A', 'B']],
    ['Sub', { 'Fn::Sub': 'x${Queue}y${Table.Arn}z${!C}' }, ['Queue', 'Table']], ['Sub with variables', { 'Fn::Sub': ['${A}${B}', { A: { Ref: 'C' } }] }, ['B', 'C']],
    ['Sub with other text than variables', { 'Fn::Sub': ['${A}', 'x'] }, ['A']],
    ['Join', { 'Fn::Join': ['', [{ Ref: 'A' }, 'x', { Ref: 'B' }]] }, ['A', 'B']], ['If, whose condition can be false', { 'Fn::If': ['C', { Ref: 'A' }, { Ref: 'B' }] }, []],
    ['a condition next to others', { a: { 'Fn::If': ['C', { Ref: 'A' }, 'x'] }, b: { Ref: 'B' } }, ['B']],
    ['a name that only looks like a function', { Ref: 'A', Other: { Ref: 'B' } }, ['B']], ['texts', ['A', 7, null, {}], []],
  ])('the resource in a function: %s', (_, part, ids) => {
    expect(namedIn(part)).toEqual(ids);
  });
});

describe('an element waits for another', () => {
  const resource = (stack: Stack, id: string, properties = {}) => new CfnResource(stack, id, { type: 'Test::A::B', properties });
  const names = (found: ReturnType<typeof waitsFor>) => found?.map(({ node }) => node.id);

  test('by the shortest path, in order', () => {
    const stack = newStack();
    const [last, middle] = [resource(stack, 'Last'), resource(stack, 'Middle')];
    middle.addDependency(last);
    const detour = resource(stack, 'Detour', { a: middle.ref });
    const first = resource(stack, 'First', { a: detour.ref, b: middle.ref });
    expect(names(waitsFor(first, last))).toEqual(['First', 'Middle', 'Last']);
    expect(names(waitsFor(first, middle))).toEqual(['First', 'Middle']);
    expect(waitsFor(last, first)).toBeUndefined();
  });

  test('of the same stack, also if a nested stack has one with the same logical ID', () => {
    const stack = newStack();
    const goal = resource(stack, 'Goal');
    resource(new NestedStack(stack, 'Nested'), 'Goal');
    expect(names(waitsFor(resource(stack, 'First', { a: goal.ref }), goal))).toEqual(['First', 'Goal']);
  });

  test('never if they are in different stacks, or if they only depend on each other', () => {
    const stack = newStack();
    const [one, other] = [resource(stack, 'One', { a: { Ref: 'Other' } }), resource(stack, 'Other', { a: { Ref: 'One' }, b: { Ref: 'Nothing' } })];
    expect(waitsFor(one, resource(stack, 'Third'))).toBeUndefined();
    expect(names(waitsFor(one, other))).toEqual(['One', 'Other']);
  });
});

describe('a cycle', () => {
  const cycle = (graph: Record<string, string[]>) => cycleIn(new Map(Object.entries(graph)));

  test.each<[string, Record<string, string[]>, string[] | undefined]>([
    ['of one', { a: ['a'] }, ['a', 'a']], ['of two', { a: ['b'], b: ['a'] }, ['a', 'b', 'a']], ['behind others', { a: ['b'], b: ['c'], c: ['d'], d: ['c'] }, ['c', 'd', 'c']],
    ['in the second branch', { a: ['b', 'c'], b: [], c: ['a'] }, ['a', 'c', 'a']], ['in the second part', { a: ['b'], b: [], c: ['d'], d: ['c'] }, ['c', 'd', 'c']],
    ['after a dead end', { a: ['x', 'b'], b: ['a'] }, ['a', 'b', 'a']],
  ])('is found: %s', (_, graph, found) => {
    expect(cycle(graph)).toEqual(found);
  });

  test('is the shortest one through the same nodes', () => {
    expect(cycle({ a: ['b'], b: ['c'], c: ['d', 'b'], d: ['a'] })).toEqual(['b', 'c', 'b']);
  });

  test.each<[string, Record<string, string[]>]>([
    ['nothing', {}], ['a chain', { a: ['b'], b: ['c'], c: [] }], ['two ways to one', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }], ['a separate part', { a: ['x', 'y'] }],
  ])('is not found in %s', (_, graph) => {
    expect(cycle(graph)).toBeUndefined();
  });

  test('is searched in a short time if there are many ways', () => {
    const levels = Array.from({ length: 40 }, (_, level) => [[`n${level}`, [`a${level}`, `b${level}`]], [`a${level}`, [`n${level + 1}`]], [`b${level}`, [`n${level + 1}`]]]);
    expect(cycle(Object.fromEntries(levels.flat()))).toBeUndefined();
  });

  test('is searched in chains of any length', () => {
    const chain = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`n${index}`, [`n${index + 1}`]]));
    expect(cycle(chain)).toBeUndefined();
    expect(cycle({ ...chain, n19999: ['n19998'] })).toEqual(['n19998', 'n19999', 'n19998']);
  });
});
