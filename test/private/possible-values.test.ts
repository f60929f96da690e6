import { App, CfnElement, CfnOutput, CfnParameter, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { UNKNOWN } from '../../src/private/template/intrinsics';
import { possibleValues } from '../../src/private/template/possible-values';
import { TemplateSections } from '../../src/private/template/template-sections';
import { allConditions, hidden, NO_VALUE, Sections, sectionsWith } from '../helpers/intrinsics';
import { newStack } from '../helpers/stack';

function valuesOf(part: unknown, sections: object = {}, stack = newStack()): unknown[] {
  new Sections(stack, sections);
  return [...possibleValues(part, new TemplateSections(stack)).values];
}

const ref = (name: string) => ({ Ref: name });
const parameters = (Parameters: object) => ({ Parameters });

describe('a part of a template is evaluated like in CloudFormation:', () => {
  test.each<[string, unknown, unknown]>([
    ['a text', 'text', 'text'],
    ['numbers, truth values and null', [1, true, null], [1, true, null]],
    ['an object without properties', {}, {}],
    ['an object', { a: { b: ['c'] } }, { a: { b: ['c'] } }],
    ['Ref of a resource', ref('Bucket'), UNKNOWN],
    ['Ref of no value, in a list and an object', { a: [ref('AWS::NoValue'), 'b'], c: ref('AWS::NoValue') }, { a: ['b'] }],
    ['Ref next to another key is not a function', { Ref: 'a', Other: 'b' }, { Ref: 'a', Other: 'b' }],
    ['Sub', { 'Fn::Sub': 'a${AWS::Partition}b${Bucket.Arn}' }, `a${UNKNOWN}b${UNKNOWN}`],
    ['Sub of no value', { 'Fn::Sub': 'a${AWS::NoValue}b' }, 'ab'],
    ['Sub with literals', { 'Fn::Sub': '${!aws:PrincipalOrgID}$x{}' }, '${aws:PrincipalOrgID}$x{}'],
    ['Sub with variables', { 'Fn::Sub': ['${A}-${B}', { A: 'x', B: { 'Fn::Join': ['.', ['y', 'z']] } }] }, 'x-y.z'],
    ['Sub with a variable that has the name of an object', { 'Fn::Sub': ['${toString}', {}] }, UNKNOWN],
    ['Sub of a list', { 'Fn::Sub': ['${A}', { A: ['x'] }] }, UNKNOWN],
    ['Sub of no text', { 'Fn::Sub': ref('X') }, UNKNOWN],
    ['Join', { 'Fn::Join': ['-', ['a', 1, ref('X'), ref('AWS::NoValue')]] }, `a-1-${UNKNOWN}`],
    ['Join of an unknown list', { 'Fn::Join': ['-', ref('X')] }, UNKNOWN],
    ['Split', { 'Fn::Split': [',', 'a,*'] }, ['a', '*']],
    ['Split at the unknown', { 'Fn::Split': [ref('X'), 'a,*'] }, UNKNOWN],
    ['Select', { 'Fn::Select': ['1', ['a', 'b']] }, 'b'],
    ['Select by number', { 'Fn::Select': [0, { 'Fn::Split': ['|', '*|b'] }] }, '*'],
    ['Select of a missing element', { 'Fn::Select': [7, ['a']] }, UNKNOWN],
    ['Select of an unknown list', { 'Fn::Select': [0, ref('X')] }, UNKNOWN],
    ['Base64', { 'Fn::Base64': 'abc' }, 'YWJj'],
    ['Base64 of the unknown', { 'Fn::Base64': ref('X') }, UNKNOWN],
    ['Length', { 'Fn::Length': ['a', 'b'] }, 2],
    ['Length of the unknown', { 'Fn::Length': ref('X') }, UNKNOWN],
    ['Length of a list with an unknown item, which can be several', { 'Fn::Length': ['a', ref('X')] }, UNKNOWN],
    ['ToJsonString', { 'Fn::ToJsonString': { a: ['*'] } }, '{"a":["*"]}'],
    ['ForEach', { 'Fn::ForEach::Loop': ['Key', ['AWS', 'Fed"erated'], { '${Key}': 'is &{Key}' }] }, { 'AWS': 'is AWS', 'Fed"erated': 'is Fed"erated' }],
    ['ForEach over the unknown', { 'Fn::ForEach::Loop': ['Key', ref('X'), { '${Key}': 1 }], 'b': 2 }, { b: 2 }],
    ['ForEach without its result', { 'Fn::ForEach::Loop': ['Key', ['a']], 'b': 2 }, { b: 2 }],
    ['GetAtt', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, UNKNOWN],
    ['GetAtt of an output of an unknown stack', { 'Fn::GetAtt': ['Nested', 'Outputs.Back'] }, UNKNOWN],
    ['Transform', { 'Fn::Transform': { Name: 'AWS::Include' } }, UNKNOWN],
    ['a function of the future', { 'Fn::Future': '*' }, UNKNOWN],
    ['ImportValue of an export outside of the app', { 'Fn::ImportValue': 'x' }, UNKNOWN],
    ['FindInMap without the mapping', { 'Fn::FindInMap': ['M', 'a', 'b'] }, UNKNOWN],
    ['FindInMap without the mapping, with a default', { 'Fn::FindInMap': ['M', 'a', 'b', { DefaultValue: '*' }] }, '*'],
    ['a dynamic reference', 'a{{resolve:ssm:/organization:1}}b', `a${UNKNOWN}b`],
    ['a dynamic reference in Sub', { 'Fn::Sub': '{{resolve:ssm:/${AWS::StackName}}}' }, UNKNOWN],
    ['functions without their arguments', [{ 'Fn::Select': [] }, { 'Fn::Join': 'x' }, { 'Fn::Sub': [] }, { 'Fn::FindInMap': 7 }, { 'Fn::Split': {} }],
      [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]],
  ])('%s', (_, part, value) => {
    expect(valuesOf(part)).toStrictEqual([value]);
    expect(possibleValues(part).values).toStrictEqual([value]);
  });

  test('an unresolved CDK token is unknown', () => {
    const stack = newStack();
    const text = new CfnParameter(stack, 'Text');
    const { valueAsList: list } = new CfnParameter(stack, 'List', { type: 'CommaDelimitedList' });
    expect(valuesOf([`a${text.valueAsString}`, text.value, list, Fn.select(0, list)]))
      .toEqual([[`a${UNKNOWN}`, UNKNOWN, [UNKNOWN], UNKNOWN]]);
  });

  test('region and account, if the stack has fixed ones', () => {
    const stack = newStack({ env: { account: '111122223333', region: 'eu-west-1' } });
    expect(valuesOf({ 'Fn::Sub': '${AWS::AccountId} ${AWS::Region} ${AWS::Partition}' }, {}, stack)).toEqual([`111122223333 eu-west-1 ${UNKNOWN}`]);
    expect(valuesOf({ 'Fn::Sub': '${AWS::AccountId} ${AWS::Region}' })).toEqual([`${UNKNOWN} ${UNKNOWN}`]);
  });
});

describe('the possible values of a parameter are', () => {
  const mapped = { Parameters: { P: { Type: 'String' } }, Mappings: { M: { a: { x: 1, y: 2 }, b: { x: 3 } } } };

  test.each<[string, object, unknown[]]>([
    ['any value', { Type: 'String' }, [UNKNOWN]],
    ['its default, or another value', { Type: 'String', Default: '*' }, ['*', UNKNOWN]],
    ['one of the allowed values', { Type: 'String', Default: 'b', AllowedValues: ['a', 'b'] }, ['b', 'a']],
    ['the items of its default', { Type: 'CommaDelimitedList', Default: 'a, *' }, [['a', '*'], [UNKNOWN]]],
    ['numbers', { Type: 'List<Number>', Default: '1,2' }, [['1', '2'], [UNKNOWN]]],
    ['the value of another parameter', { Type: 'AWS::SSM::Parameter::Value<String>', Default: '*' }, [UNKNOWN]],
  ])('%s', (_, declared, values) => {
    expect(valuesOf(ref('P'), parameters({ P: declared }))).toEqual(values);
  });

  test('the same value each time', () => {
    expect(valuesOf([ref('P'), { 'Fn::Sub': '${P}' }], parameters({ P: { Type: 'String', AllowedValues: ['a', 'b'] } }))).toEqual([['a', 'a'], ['b', 'b']]);
  });

  test('the value with which a condition compares it', () => {
    const part = { 'Fn::If': ['IsA', ref('P'), { 'Fn::If': ['IsB', ref('P'), 'other'] }] };
    const Conditions = { IsA: { 'Fn::Equals': [ref('P'), 'a'] }, IsB: { 'Fn::Equals': ['b', ref('P')] } };
    expect(valuesOf(part, { Parameters: { P: { Type: 'String' } }, Conditions })).toEqual(['a', 'b', 'other']);
  });

  test('every key of a mapping with which it is used', () => {
    expect(valuesOf({ 'Fn::FindInMap': ['M', ref('P'), 'x'] }, mapped)).toEqual([1, 3, UNKNOWN]);
    expect(valuesOf({ 'Fn::FindInMap': ['M', 'a', ref('P'), { DefaultValue: 0 }] }, mapped)).toEqual([1, 2, 0]);
    expect(valuesOf([{ 'Fn::FindInMap': ['M', ref('P'), 'x'] }, ref('P')], mapped)).toEqual([[1, 'a'], [3, 'b'], [UNKNOWN, UNKNOWN]]);
  });

  test('independent of another one with which it is used', () => {
    const sections = { ...mapped, Parameters: { P: { Type: 'String' }, Q: { Type: 'String' } } };
    expect(valuesOf(['P', 'Q'].map(name => ({ 'Fn::FindInMap': ['M', ref(name), 'x'] })), sections)).toHaveLength(9);
  });

  test('unknown if no key of the mapping is used', () => {
    const key = { 'Fn::Sub': 'is ${P}' };
    expect(valuesOf([{ 'Fn::FindInMap': ['M', key, 'x'] }, key], mapped)).toEqual([[1, 'a'], [3, 'b'], [UNKNOWN, `is ${UNKNOWN}`]]);
  });

  test('every position of a list with which it is used', () => {
    expect(valuesOf({ 'Fn::Select': [ref('P'), ['a', '*']] }, mapped)).toEqual(['a', '*', UNKNOWN]);
  });
});

describe('a condition', () => {
  const If = (name: unknown) => ({ 'Fn::If': [name, 'yes', 'no'] });
  const decided = (condition: object) => valuesOf(If('C'), { Parameters: { P: { Type: 'String' }, Q: { Type: 'String' } }, Conditions: { C: condition } });

  test.each<[string, object, unknown[]]>([
    ['of equal texts is met', { 'Fn::Equals': ['a', { 'Fn::Sub': 'a' }] }, ['yes']],
    ['of different texts is not', { 'Fn::Equals': ['a', 'b'] }, ['no']],
    ['that negates', { 'Fn::Not': [{ 'Fn::Equals': ['a', 'b'] }] }, ['yes']],
    ['that takes all', { 'Fn::And': [{ 'Fn::Equals': ['a', 'a'] }, { 'Fn::Equals': ['a', 'b'] }] }, ['no']],
    ['that takes all, and all are met', { 'Fn::And': [{ 'Fn::Equals': ['a', 'a'] }, { 'Fn::Equals': ['b', 'b'] }] }, ['yes']],
    ['that takes one', { 'Fn::Or': [{ 'Fn::Equals': ['a', 'b'] }, { 'Fn::Equals': ['a', 'a'] }] }, ['yes']],
    ['about the unknown is met or not', { 'Fn::Equals': [ref('P'), 'a'] }, ['yes', 'no']],
    ['that compares in both directions is one', { 'Fn::And': [{ 'Fn::Equals': [ref('P'), ref('Q')] }, { 'Fn::Not': [{ 'Fn::Equals': [ref('Q'), ref('P')] }] }] }, ['no']],
    ['of a function that compares nothing is true or false', { 'Fn::Contains': [['a'], 'a'] }, ['yes', 'no']],
  ])('%s', (_, condition, values) => {
    expect([...new Set(decided(condition))]).toEqual(values);
  });

  test('makes an unknown value known if that is equal, and no other value', () => {
    const equal = (one: unknown, other: unknown) => ({ Parameters: { P: { Type: 'String' } }, Conditions: { C: { 'Fn::Equals': [one, other] } } });
    const both = (part: unknown) => ({ 'Fn::If': ['C', part, part] });
    const [partition, text] = [ref('AWS::Partition'), { 'Fn::Sub': 'a' }];

    expect(valuesOf(both(partition), equal(partition, 'aws'))).toEqual(['aws', UNKNOWN]);
    expect(valuesOf(both([text, ref('P')]), equal(text, ref('P')))).toEqual([['a', 'a'], ['a', UNKNOWN]]);
    expect(valuesOf(both([text, ref('P')]), equal(ref('P'), text))).toEqual([['a', 'a'], ['a', UNKNOWN]]);
  });

  test('that is not declared is true or false, and the same each time', () => {
    expect(valuesOf([If('Nowhere'), If('Nowhere')])).toEqual([['yes', 'yes'], ['no', 'no']]);
    expect(possibleValues([If('C'), If('C')]).values).toEqual([['yes', 'yes'], ['no', 'no']]);
  });

  test('removes values that are Ref: AWS::NoValue', () => {
    expect(valuesOf({ a: [{ 'Fn::If': ['C', 'x', NO_VALUE] }], b: { 'Fn::If': ['C', NO_VALUE, 'y'] } })).toEqual([{ a: ['x'] }, { a: [], b: 'y' }]);
  });
});

describe('values from other templates of the app are known:', () => {
  test('the parameters and outputs of a nested stack', () => {
    const parent = newStack();
    new CfnParameter(parent, 'Who', { default: '*' });
    const nested = new NestedStack(parent, 'Nested', { parameters: { Given: Fn.ref('Who') } });
    new CfnParameter(nested, 'Given', { default: 'a' });
    new CfnParameter(nested, 'Own', { default: 'b' });
    new CfnOutput(nested, 'Back', { value: Fn.sub('is ${Given}') });
    const template = new TemplateSections(parent);

    expect(possibleValues(ref('Given'), new TemplateSections(nested)).values).toEqual(['*', UNKNOWN]);
    expect(possibleValues(ref('Own'), new TemplateSections(nested)).values).toEqual(['b', UNKNOWN]);
    const id = parent.getLogicalId(nested.nestedStackResource as CfnElement);
    expect(possibleValues({ 'Fn::GetAtt': [id, 'Outputs.Back'] }, template).values).toEqual(['is *', `is ${UNKNOWN}`]);
    expect(possibleValues({ 'Fn::Sub': `\${${id}.Outputs.Back}` }, template).values).toEqual(['is *', `is ${UNKNOWN}`]);
    expect(possibleValues({ 'Fn::GetAtt': [id, 'Outputs.Other'] }, template).values).toEqual([UNKNOWN]);
    expect(possibleValues({ 'Fn::GetAtt': [id, 'Inputs.Back'] }, template).values).toEqual([UNKNOWN]);
    expect(possibleValues({ 'Fn::GetAtt': [id, 'Outputs.Ba.ck'] }, template).values).toEqual([UNKNOWN]);
    expect(possibleValues({ 'Fn::GetAtt': ['Other', 'Outputs.Back'] }, template).values).toEqual([UNKNOWN]);
  });

  test('the outputs of the nested stack of the same parent', () => {
    const app = new App();
    const parents = ['One', 'Two'].map(id => new Stack(app, id));
    const ids = parents.map(parent => {
      const nested = new NestedStack(parent, 'Nested');
      new CfnOutput(nested, 'Back', { value: parent.node.id });
      return parent.getLogicalId(nested.nestedStackResource as CfnElement);
    });
    const values = parents.map((parent, at) => possibleValues({ 'Fn::GetAtt': [ids[at], 'Outputs.Back'] }, new TemplateSections(parent)).values);
    expect([values, ids[0] === ids[1]]).toEqual([[['One'], ['Two']], true]);
  });

  test('but not the parameters of a nested stack in its parent', () => {
    const parent = newStack();
    new CfnParameter(new NestedStack(parent, 'Nested'), 'P', { default: 'a' });
    expect(possibleValues(ref('P'), new TemplateSections(parent)).values).toEqual([UNKNOWN]);
  });

  test('the exports of another stack in the same environment', () => {
    const app = new App();
    const [here, there, elsewhere] = ['eu-west-1', 'eu-west-1', 'us-east-1'].map((region, index) => new Stack(app, `Stack${index}`, { env: { account: '1', region } }));
    new CfnOutput(there, 'Output', { value: Fn.ref('P'), exportName: 'shared' });
    new CfnParameter(there, 'P', { default: '*' });
    new CfnOutput(elsewhere, 'Output', { value: 'x', exportName: 'distant' });
    new CfnOutput(new Stack(new Stage(app, 'Stage'), 'Stack'), 'Output', { value: 'y', exportName: 'staged' });

    const imported = (name: string) => possibleValues({ 'Fn::ImportValue': name }, new TemplateSections(here)).values;
    expect(imported('shared')).toEqual(['*', UNKNOWN]);
    expect(imported('distant')).toEqual([UNKNOWN]);
    expect(imported('staged')).toEqual([UNKNOWN]);
  });

  test('parameters of the same name in two templates are different', () => {
    const app = new App();
    const [here, there] = ['Here', 'There'].map(id => new Stack(app, id));
    for (const stack of [here, there]) new CfnParameter(stack, 'P', { allowedValues: ['a', 'b'] });
    new CfnOutput(there, 'Output', { value: Fn.ref('P'), exportName: 'shared' });
    expect(possibleValues([ref('P'), { 'Fn::ImportValue': 'shared' }], new TemplateSections(here)).values).toEqual([['a', 'a'], ['b', 'a'], ['a', 'b'], ['b', 'b']]);
  });
});

describe('many conditions', () => {
  const list = (count: number) => Array.from({ length: count }, (_, index) => ({ 'Fn::If': [`C${index}`, `a${index}`, NO_VALUE] }));

  test('are all combined, up to twelve', () => {
    const { values, isComplete } = possibleValues(list(12));
    expect(new Set(values.map(value => JSON.stringify(value))).size).toBe(4096);
    expect(isComplete).toBe(true);
  });

  test('are not all combined beyond that, but each three of them are', () => {
    const { values, isComplete } = possibleValues(list(20));
    const lengths = values.map(value => (value as unknown[]).length);
    expect(isComplete).toBe(false);
    expect([20, 19, 18, 17].map(length => lengths.filter(each => each === length).length)).toEqual([1, 20, 190, 1140]);
    expect(values).toHaveLength(4096);
  });
});

test('for any nesting, the possible values are those of all combinations of the conditions, and no others', () => {
  const texts = ['*', 'ecr:*', 'a|b', '${aws:PrincipalOrgID}', ''];
  const stack = newStack();
  new Sections(stack, sectionsWith(texts));
  const template = new TemplateSections(stack);

  fc.assert(fc.property(hidden(texts), ({ json, valueIn }) => {
    const { values, isComplete } = possibleValues(json, template);
    expect(isComplete).toBe(true);
    expect(new Set(values)).toEqual(new Set(allConditions().map(valueIn)));
  }), { numRuns: 2000 });
}, 60_000);
