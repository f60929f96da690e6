import * as fc from 'fast-check';
import { markdownTable, section, withSection } from './page';

const text = fc.string().filter(value => !value.includes('<!--'));

test('writing a generated part does not change the rest of the page', () => {
  fc.assert(fc.property(text, text, text, text, (before, old, fresh, after) => {
    const page = `${before}<!-- one: generated -->${old}<!-- one: end -->${after}`;
    const written = withSection(page, 'one', fresh);

    expect(written.startsWith(`${before}<!-- one: generated -->`)).toBe(true);
    expect(written.endsWith(`<!-- one: end -->${after}`)).toBe(true);
    expect(section(written, 'one')).toBe(fresh.trim());
    expect(withSection(written, 'one', fresh)).toBe(written);
  }));
});

test('a page without a place for the part is not changed', () => {
  expect(() => withSection('# Page', 'one', 'text')).toThrow("the page has no place for 'one'");
});

test('a table has texts on the left and numbers on the right', () => {
  expect(markdownTable(['tool', 's'], [['ours', '1.0']])).toBe('| tool | s |\n| --- | --: |\n| ours | 1.0 |');
});
