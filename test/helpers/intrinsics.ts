import { CfnElement, Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { UNKNOWN } from '../../src/private/template/intrinsics';

/** The conditions that are true. */
export type Conditions = { readonly [name: string]: boolean };

/** A part of a template, and its resolved value. */
export interface Written<T> {
  readonly json: unknown;
  /** Undefined if it is removed. */
  readonly valueIn: (conditions: Conditions) => T | undefined;
}

export const NO_VALUE = { Ref: 'AWS::NoValue' };

/** Sections of a template. */
export class Sections extends CfnElement {
  constructor(stack: Stack, private readonly sections: object) {
    super(stack, 'Sections');
  }

  public _toCloudFormation(): object {
    return this.sections;
  }
}

/** Independent conditions, and others that follow from them. */
export const CONDITIONS = ['First', 'Second', 'Third'];
const DERIVED: { readonly [name: string]: { json: object; holds: (conditions: Conditions) => boolean } } = {
  NotFirst: { json: { 'Fn::Not': [{ Condition: 'First' }] }, holds: ({ First }) => !First },
  Both: { json: { 'Fn::And': [{ Condition: 'First' }, { Condition: 'Second' }] }, holds: ({ First, Second }) => First && Second },
  Either: { json: { 'Fn::Or': [{ Condition: 'Second' }, { Condition: 'NotFirst' }] }, holds: ({ First, Second }) => Second || !First },
  Always: { json: { 'Fn::Equals': ['a', { 'Fn::Sub': 'a' }] }, holds: () => true },
};

/** The sections of a template in which such parts have these values. */
export function sectionsWith(texts: readonly string[]): { Parameters: object; Mappings: object; Conditions: object } {
  return {
    Parameters: {
      Unknown: { Type: 'String' },
      ...Object.fromEntries(CONDITIONS.map(name => [`Choose${name}`, { Type: 'String' }])),
      ...Object.fromEntries(texts.map(text => [nameOf(text), { Type: 'String', AllowedValues: [text] }])),
    },
    Mappings: { Texts: { all: Object.fromEntries(texts.map(text => [nameOf(text), text])) } },
    Conditions: {
      ...Object.fromEntries(CONDITIONS.map(name => [name, { 'Fn::Equals': [{ Ref: `Choose${name}` }, 'yes'] }])),
      ...Object.fromEntries(Object.entries(DERIVED).map(([name, { json }]) => [name, json])),
    },
  };
}

/** Every combination of the conditions. */
export function allConditions(): Conditions[] {
  return CONDITIONS.reduce<Conditions[]>((all, name) => all.flatMap(each => [true, false].map(met => ({ ...each, [name]: met }))), [{}]);
}

/** One of two parts, by a condition. */
export function either<T>(one: fc.Arbitrary<Written<T>>, other: fc.Arbitrary<Written<T>>): fc.Arbitrary<Written<T>> {
  const condition = fc.constantFrom(...CONDITIONS, ...Object.keys(DERIVED));
  return fc.tuple(condition, one, other).map(([name, yes, no]) => ({
    json: { 'Fn::If': [name, yes.json, no.json] },
    valueIn: conditions => ((DERIVED[name]?.holds(conditions) ?? conditions[name]) ? yes : no).valueIn(conditions),
  }));
}

/** Ref: AWS::NoValue. */
export const left: fc.Arbitrary<Written<never>> = fc.constant({ json: NO_VALUE, valueIn: () => undefined });

/** A text in CloudFormation functions: one of these, or another one by conditions. */
export function hidden(texts: readonly string[]): fc.Arbitrary<Written<string>> {
  const plain = fc.constantFrom(...texts);
  const leaf = plain.chain(text => fc.constantFrom<unknown>(
    text, { 'Fn::Sub': escaped(text) }, { Ref: nameOf(text) }, { 'Fn::Sub': `\${${nameOf(text)}}` },
    { 'Fn::FindInMap': ['Texts', 'all', nameOf(text)] }, { 'Fn::FindInMap': ['Nothing', 'all', 'x', { DefaultValue: text }] },
    ...text.includes('|') ? [] : [{ 'Fn::Select': ['1', { 'Fn::Split': ['|', `a|${text}|b`] }] }],
  ).map(json => written(json, () => text)));
  const unknown = fc.constantFrom<unknown>({ Ref: 'Unknown' }, { 'Fn::GetAtt': ['Thing', 'Arn'] }, { 'Fn::ImportValue': 'elsewhere' })
    .map(json => written(json, () => UNKNOWN));

  const { tree } = fc.letrec<{ tree: Written<string> }>(tie => ({
    tree: fc.oneof({ maxDepth: 4 }, { weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: unknown },
      either(tie('tree'), tie('tree')),
      tie('tree').map(inner => ({ ...inner, json: { 'Fn::Join': ['', ['', inner.json]] } })),
      tie('tree').map(inner => ({ ...inner, json: { 'Fn::Sub': ['${It}', { It: inner.json }] } })),
      fc.tuple(tie('tree'), tie('tree')).map(([inner, other]) => ({ ...inner, json: { 'Fn::Select': [1, [other.json, inner.json]] } })),
      // Cut in two, so that neither half reveals the whole.
      fc.tuple(plain, fc.nat()).map(([text, position]) => {
        const cut = position % (text.length + 1);
        return written({ 'Fn::Join': ['', [text.slice(0, cut), { 'Fn::Select': [0, [text.slice(cut)]] }]] }, () => text);
      }),
    ),
  }));
  return tree;
}

/** A list of parts; removed ones are not in it. */
export function listOf<T>(items: readonly Written<T>[]): Written<T[]> {
  return {
    json: items.map(({ json }) => json),
    valueIn: conditions => items.map(({ valueIn }) => valueIn(conditions)).filter(each => each !== undefined),
  };
}

/** An object of parts; removed ones are not in it. */
export function objectOf(parts: { readonly [key: string]: Written<unknown> }): Written<object> {
  const entries = Object.entries(parts);
  return {
    json: Object.fromEntries(entries.map(([key, { json }]) => [key, json])),
    valueIn: conditions => Object.fromEntries(
      entries.map(([key, { valueIn }]) => [key, valueIn(conditions)]).filter(([, value]) => value !== undefined),
    ),
  };
}

function written<T>(json: unknown, valueIn: () => T): Written<T> {
  return { json, valueIn };
}

/** A name for the sections of a template. */
function nameOf(text: string): string {
  return `Text${Buffer.from(text).toString('hex')}`;
}

function escaped(text: string): string {
  return text.replace(/\$\{/g, '${!');
}
