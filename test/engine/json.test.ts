import fc from 'fast-check';
import { Failure } from '../../src/engine/errors';
import { parseJson } from '../../src/engine/json';

const parse = (text: string) => parseJson(Buffer.from(text));
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const list = (values: number) => `[${Array.from({ length: values - 1 }, () => '0').join(',')},0]`;

describe('the nesting of JSON', () => {
  test('can be 64 levels deep', () => {
    expect(parse(nested(64))).toBeInstanceOf(Array);
    expect(() => parse(nested(65))).toThrow(new Failure('it is nested deeper than 64 levels'));
  });

  test('counts objects and lists', () => {
    expect(() => parse('{"a":['.repeat(33) + ']}'.repeat(33))).toThrow('it is nested deeper than 64 levels');
  });

  test('does not count siblings, and no brackets in strings', () => {
    expect(parse(`[${Array.from({ length: 100 }, () => '[{}]').join(',')}]`)).toHaveLength(100);
    const text = `["${'['.repeat(100)}","\\"${'['.repeat(100)}","\\\\"]`;
    expect(parse(text)).toEqual(JSON.parse(text));
  });
});

describe('a duplicate name in one object is rejected', () => {
  test.each([
    ['as it is', '{"manifests":[],"manifests":[1]}'],
    ['with the same value', '{"a":1,"a":1}'],
    ['as an escape', '{"manifests":1,"m\\u0061nifests":2}'],
    ['as two escapes', '{"\\/":1,"\\u002f":2}'],
    ['with others between', '{"a":{"b":1},"c":[{"d":1}],"a":2}'],
    ['deep inside', '[{"x":[{"a":1,"b":2,"b":3}]}]'],
    ['after spaces', '{"a" : 1 , "a"\n:2}'],
    ['as nothing', '{"":1,"":2}'],
    ['as a name of the language', '{"__proto__":1,"__proto__":2}'],
    ['as bytes that are no text', Buffer.from('{"\xff":1,"\xfe":2}', 'latin1')],
  ])('%s', (_, text) => {
    expect(() => parseJson(Buffer.from(text))).toThrow(new Failure('it has the same name twice in one object'));
  });

  test.each([
    '[{"a":1},{"a":2}]', '{"a":{"a":{"a":1}}}', '{"a":"a","b":"a"}', '{"a":1,"A":2}', '{"a":["a","a"],"b":{"a":1}}', '{"a:a":1,"a":"\\":\\"a"}',
  ])('but not in %s', text => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });
});

describe('the number of values', () => {
  test('can be 300000', () => {
    expect(parse(list(300_000))).toHaveLength(300_000);
    expect(() => parse(list(300_001))).toThrow(new Failure('it has more than 300000 values'));
  });

  test('includes values in objects', () => {
    const members = (count: number) => `{${Array.from({ length: count }, (_, each) => `"${each}":0`).join(',')}}`;
    expect(() => parse(members(150_001))).toThrow('it has more than 300000 values');
  });

  test('does not include commas in strings', () => {
    expect(parse(`["${',:[{'.repeat(100_000)}"]`)).toHaveLength(1);
  });
});

test('error messages name the document', () => {
  expect(() => parseJson(Buffer.from(nested(65)), 'the manifest')).toThrow('the manifest is nested deeper than 64 levels');
});

test('any JSON is parsed like by JSON.parse', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 20 }), fc.constantFrom(undefined, 1, '\t'), (json, space) => {
    const text = JSON.stringify(JSON.parse(json), undefined, space);
    expect(parse(text)).toEqual(JSON.parse(text));
  }));
});

test('invalid JSON is rejected like by JSON.parse', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '\\', '1', 'a', ' ')).map(parts => parts.join('')), text => {
    const parsers = [() => parse(text), () => JSON.parse(text) as unknown].map(parser => {
      try {
        return { value: parser() };
      } catch (error) {
        return error instanceof Failure ? 'twice' : 'no JSON';
      }
    });
    expect(parsers[0]).toEqual(parsers[0] === 'twice' ? 'twice' : parsers[1]);
  }), { numRuns: 500 });
});
