import * as fs from 'fs';
import * as path from 'path';
import { anchorsOf, MarkdownPage, markdownPage, markdownPages, PROJECT } from '../helpers/markdown';

const README = markdownPage('README.md');
const GUIDES = markdownPages('docs/guides');
const MIGRATIONS = markdownPages('docs/guides/migrating');
const PAGES = [
  README, markdownPage('CONTRIBUTING.md'), markdownPage('examples/README.md'), ...markdownPages('docs'), ...GUIDES, ...MIGRATIONS,
  ...markdownPages('docs/adr'),
];

// Of the style guide: what to write instead is in CONTRIBUTING.md.
const UNCLEAR = /\b(anew|answers with|cures?|roads?|told|whoever|may be yours|stands? for (itself|themselves))\b/gi;

/** Links of a page that lead nowhere. */
function broken(page: MarkdownPage): string[] {
  return page.links.filter(link => !/^[a-z]+:/.test(link)).filter(link => {
    const [file, anchor] = link.split('#');
    const target = path.posix.join(file === '' ? page.name : path.posix.join(path.posix.dirname(page.name), file));
    if (!fs.existsSync(path.join(PROJECT, target))) return true;
    return anchor !== undefined && !(target.endsWith('.md') && anchorsOf(markdownPage(target)).includes(anchor));
  });
}

test.each(PAGES.map(page => [page.name, page] as const))('every relative link in %s leads to a file and a heading that exist', (_, page) => {
  expect(broken(page)).toEqual([]);
});

test('README has at most 170 lines and tells a newcomer first what this is, then how to try, use and develop it', () => {
  expect(README.lines.length).toBeLessThanOrEqual(170);
  expect(README.headings).toEqual([
    'cdk-container-delivery', 'Why', 'Try it', 'Quick start', 'Develop', 'Copy or direct', 'What gets created and what it costs', 'Guides', 'Contributing',
    'License',
  ]);
});

test('README shows what the demo prints', () => {
  const shown = README.blocks.filter(({ language }) => language === 'text').map(({ code }) => code).join();
  const demo = fs.readFileSync(path.join(PROJECT, 'local', 'demo.ts'), 'utf8');
  const [running, , tasks, url] = shown.split('\n');

  // In the program these are template strings.
  expect(demo).toContain(`\`\\n${running.replace(/ .*/, ' ${pages[0].container.image}`')}`);
  expect(demo).toContain(tasks.replace(/^\d+/, '`${pages.length}'));
  expect(demo).toContain(url.replace(/http.*/, '${url}'));
});

test('the index names every guide, each once', () => {
  const listed = markdownPage('docs/guides/README.md').links.filter(link => !link.startsWith('..'));

  expect(listed.sort()).toEqual(GUIDES.map(({ name }) => path.basename(name)).filter(name => name !== 'README.md').sort());
});

test('a guide links the reference of every class', () => {
  const { lines } = markdownPage('docs/api/README.md');
  const classes = lines.flatMap(line => /^\| \[\w+\]\((\S+)\) \| (?:class|enum) \|/.exec(line)?.slice(1) ?? []);
  const linked = new Set(GUIDES.flatMap(({ links }) => links));

  expect(classes.length).toBeGreaterThan(80);
  expect(classes.filter(each => !linked.has(`../api/${each}`))).toEqual([]);
});

test('the guide of migrations names the guide of each source, and each of these has the same parts', () => {
  const listed = markdownPage('docs/guides/migrating.md').links.filter(link => link.startsWith('migrating/'));
  const parts = MIGRATIONS.map(({ name, headings }) => [name, headings.filter(each => /^(Smallest step|Step 1|Options|What stays|Order|Limits)/.test(each)).length]);

  expect(listed.sort()).toEqual(MIGRATIONS.map(({ name }) => `migrating/${path.basename(name)}`).sort());
  expect(parts).toEqual(MIGRATIONS.map(({ name }) => [name, 5]));
});

test.each(PAGES.map(page => [page.name, page] as const))('%s uses plain words', (_, { prose }) => {
  expect(prose.match(UNCLEAR)).toBeNull();
});

test('every limit has a status', () => {
  const limits = markdownPage('docs/limits.md').lines.filter(line => line.startsWith('- '));

  expect(limits.filter(line => !/^- \*(not supported|not tested on AWS|AWS behavior)\*: /.test(line))).toEqual([]);
});
