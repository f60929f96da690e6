import { AwsCallError } from '../../src/custom-resource/aws';
import { QueryApi, QueryParameters } from '../../src/custom-resource/query-api';
import { SmallRequest } from '../../src/custom-resource/small-request';
import { elementAt, membersAt, parseXml, textAt } from '../../src/custom-resource/xml';
import { TestClock } from '../helpers/registry-clock';

test('elements, lists, entities, comments and CDATA sections are parsed, and attributes are ignored', () => {
  const xml = '<?xml version="1.0"?>\n<R xmlns="a>b"><!-- <x> --><List><member><A>1 &amp; &#50; &#x33; &lt;</A></member><member/></List><B><![CDATA[<raw>]]></B><C/></R>\n';
  const root = parseXml(xml);
  expect(root.name).toBe('R');
  expect(membersAt(root, 'List').map(each => textAt(each, 'A'))).toEqual(['1 & 2 3 <', undefined]);
  expect([textAt(root, 'B'), textAt(root, 'C'), textAt(root, 'D', 'E')]).toEqual(['<raw>', undefined, undefined]);
  expect(elementAt(root, 'C')).toMatchObject({ name: 'C', children: [] });
});

test.each([
  ['several texts around sections and elements', '<a>1<![CDATA[2]]>3<b/>4</a>', '1234'], ['spaces around the text', '<a>\n 1 \n</a>', '1'],
  ['comments and sections on several lines', '<a><!-- 1\n --->2<!-- 3 --><![CDATA[\n4\n5]]></a>', '2\n4\n5'], ['two sections', '<a><![CDATA[1]]>2<![CDATA[3]]></a>', '123'],
  ['two declarations', '<?xml version="1.0"?><?style\n?><a>1</a>', '1'], ['attributes in either quotes', '<n:a.b-c d="1" e:f = \'2"\'  >1</n:a.b-c >', '1'],
  ['all entities', '<a>&quot;&apos;&gt;&lt;&amp;&#X41;&#x1f6a2;</a>', '"\'><&A🚢'], ['an entity of an entity, decoded once', '<a>&amp;lt;</a>', '&lt;'],
  ['entities that do not exist', '<a>&nbsp;&#x110000;&#1114112;&;</a>', '&nbsp;&#x110000;&#1114112;&;'], ['the last character that exists', '<a>&#x10ffff;&#1114111;</a>', '\u{10ffff}\u{10ffff}'],
])('%s are parsed', (_, xml, text) => {
  expect(textAt(parseXml(xml))).toBe(text);
});

test('only <member> elements belong to a list, and the first element of a name counts', () => {
  const root = parseXml('<R><L><x/><member>1</member></L><L><member>2</member></L></R>');
  expect(membersAt(root, 'L').map(each => textAt(each))).toEqual(['1']);
  expect(membersAt(root, 'M')).toEqual([]);
});

test('nested elements are parsed up to a depth of 49', () => {
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  expect(parseXml(nested(49)).name).toBe('a');
  expect(() => parseXml(nested(50))).toThrow('it is not XML');
});

test.each([
  '<a/ >', '<1/>', '< a/>', '<a b="1"c="2"/>', '<a b="<"/>', '<a></a', 'x<a/>', '<a>&</a><', '<!-- <a/>', '<?xml <a/>', '<a><![CDATA[</a>', '<a></b></a>', '</a><a>',
  '', 'text', '{"json":1}', '<a>', '<a></b>', '</a>', '<a/><b/>', '<a/>text', '<a b=1/>', '<a', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', '<a>'.repeat(60) + '</a>'.repeat(60),
])('%p is rejected', xml => {
  expect(() => parseXml(xml)).toThrow('it is not XML');
});

test('a text of many brackets is rejected fast', () => {
  const begun = process.hrtime.bigint();
  for (const xml of ['<a '.repeat(50_000), `<a ${'b="c" '.repeat(50_000)}`, '<!--'.repeat(50_000)]) expect(() => parseXml(xml)).toThrow();
  expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(3_000);
});

describe('a query API request', () => {
  const requests: SmallRequest[] = [];
  async function ask(parameters: QueryParameters, body: string, status = 200) {
    const api = new QueryApi<'Look'>({ service: 'elb', title: 'ELB', version: '2015', region: 'eu-west-1', host: 'elb.example', maxResponseBytes: 9 }, {
      environment: {}, clock: new TestClock(), send: async request => {
        requests.push(request);
        return { status, body };
      },
    });
    return api.call('Look', parameters);
  }
  beforeEach(() => { requests.length = 0; });

  test('sends lists and structures in the AWS format, and omits undefined values', async () => {
    await ask({ A: 'x y', B: 7, C: undefined, D: [], E: ['a', { F: ['b'], G: undefined }], H: { I: 'c' } }, '<LookResponse/>');
    expect(new URLSearchParams(requests[0].body)).toEqual(new URLSearchParams([
      ['Action', 'Look'], ['Version', '2015'], ['A', 'x y'], ['B', '7'], ['D', ''], ['E.member.1', 'a'], ['E.member.2.F.member.1', 'b'], ['H.I', 'c'],
    ]));
    expect(requests[0].headers['Content-Type']).toBe('application/x-www-form-urlencoded; charset=utf-8');
  });

  test('returns its result, or undefined if there is none', async () => {
    expect(textAt(await ask({}, '<LookResponse><LookResult><A>1</A></LookResult></LookResponse>'), 'A')).toBe('1');
    expect(await ask({}, '<LookResponse><OtherResult/></LookResponse>')).toBeUndefined();
  });

  test.each<[number, string, string]>([
    [200, '<OtherResponse/>', 'the answer of ELB to Look cannot be read: it is not a response to Look'],
    [200, 'text', 'the answer of ELB to Look cannot be read: it is not XML'],
    [400, '<E><Error><Code>Wrong</Code><Message>why</Message></Error></E>', 'ELB answered Look with 400 Wrong: why'],
    [400, '<E><Message>why</Message></E>', 'ELB answered Look with 400'],
    [400, '{"message":"why"}', 'ELB answered Look with 400'],
  ])('that is answered with %i %s fails with a message', async (status, body, message) => {
    const failure = await ask({}, body, status).then(() => undefined, (error: unknown) => error);
    expect(failure).toBeInstanceOf(AwsCallError);
    expect(failure).toMatchObject({ message });
  });
});
