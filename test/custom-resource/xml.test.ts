import { elementAt, membersAt, parseXml, textAt } from '../../src/custom-resource/xml';

test('elements, lists, entities, comments and CDATA sections are read, whatever the attributes are', () => {
  const xml = '<?xml version="1.0"?>\n<R xmlns="a>b"><!-- <x> --><List><member><A>1 &amp; &#50; &#x33; &lt;</A></member><member/></List><B><![CDATA[<raw>]]></B><C/></R>\n';
  const root = parseXml(xml);
  expect(root.name).toBe('R');
  expect(membersAt(root, 'List').map(each => textAt(each, 'A'))).toEqual(['1 & 2 3 <', undefined]);
  expect([textAt(root, 'B'), textAt(root, 'C'), textAt(root, 'D', 'E')]).toEqual(['<raw>', undefined, undefined]);
  expect(elementAt(root, 'C')).toMatchObject({ name: 'C', children: [] });
});

test.each([
  '', 'text', '{"json":1}', '<a>', '<a></b>', '</a>', '<a/><b/>', '<a/>text', '<a b=1/>', '<a', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', '<a>'.repeat(60) + '</a>'.repeat(60),
])('%p is rejected', xml => {
  expect(() => parseXml(xml)).toThrow('it is not XML');
});

test('a text of many brackets is rejected in no time', () => {
  const begun = process.hrtime.bigint();
  for (const xml of ['<a '.repeat(50_000), `<a ${'b="c" '.repeat(50_000)}`, '<!--'.repeat(50_000)]) expect(() => parseXml(xml)).toThrow();
  expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(3_000);
});
