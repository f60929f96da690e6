import * as fs from 'fs';
import * as path from 'path';
import { PLAN } from '../../integ/account/plan';
import { MarkdownPage, markdownPage, markdownPages, PROJECT } from '../helpers/markdown';

const COLUMNS = ['unit test', 'contract test', 'local cloud', 'real registry', 'account suite (not run yet)'];

/** The files of each column. The apps of the account suite are in a folder, the others are tests. */
const KINDS = [/^test\/.*\.(test|slow|languages)\.ts$/, /^test\/contracts\/.*\.contracts\.ts$/, /^test\/e2e\/.*\.e2e\.ts$/, /^test\/certify\/.*\.certify\.ts$/, /^integ\/account\/apps\//];

interface Guarantee {
  readonly text: string;
  /** For each column, the links as `[label, file]`. */
  readonly evidence: readonly (readonly [string, string][])[];
}

function guaranteesOf(page: MarkdownPage): Guarantee[] {
  const rows = page.lines.map(line => line.split(' | ')).filter(cells => cells.length === COLUMNS.length + 1 && !cells[0].startsWith('| guarantee'));
  return rows.map(([text, ...cells]) => ({
    text: text.replace(/^\| /, ''),
    evidence: cells.map(cell => [...cell.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)].map(([, label, file]) => [label, file] as [string, string])),
  }));
}

/** Guarantees without any evidence. */
function unproven(guarantees: readonly Guarantee[]): string[] {
  return guarantees.filter(({ evidence }) => evidence.flat().length === 0).map(({ text }) => text);
}

/** The patterns of the tests that `npm test` and `npx projen certify` run. */
function runPatterns(): RegExp[] {
  const configurations = ['test/certify/jest.json', 'test/contracts/jest.json', 'test/e2e/local-cloud.jest.json', 'test/e2e/clouds.jest.json', 'test/e2e/package.jest.json'];
  const globs = configurations.flatMap(file => (JSON.parse(fs.readFileSync(path.join(PROJECT, file), 'utf8')) as { testMatch: string[] }).testMatch);
  return globs.map(glob => new RegExp(`^${glob.replace('<rootDir>/', '').replace(/[.]/g, '\\.').replace(/\{([^}]*)\}/g, (_, names: string) => `(${names.replace(/,/g, '|')})`)
    .replace(/\*\*\//g, '(.*/)?').replace(/(?<![.)])\*/g, '[^/]*')}$`));
}

const PAGE = markdownPage('docs/verification.md');
const GUARANTEES = guaranteesOf(PAGE);

test('the page has a table of guarantees for the README and for each guide', () => {
  const guides = markdownPages('docs/guides').map(({ name }) => path.basename(name)).filter(name => name !== 'README.md');
  const sections = PAGE.links.filter(link => link.startsWith('guides/'));

  expect(GUARANTEES.length).toBeGreaterThan(60);
  expect(sections.sort()).toEqual(guides.map(name => `guides/${name}`).sort());
  expect(PAGE.lines.filter(line => line.startsWith('| guarantee')).length).toBe(sections.length + 2);
});

test('each guarantee has evidence', () => {
  expect(unproven(GUARANTEES)).toEqual([]);
});

test('a guarantee without evidence is noticed', () => {
  const page = { ...PAGE, lines: ['| It works. | – | – | – | – | – |'] };

  expect(unproven(guaranteesOf(page))).toEqual(['It works.']);
});

test.each(GUARANTEES)('"$text" names files that exist, in the column of their kind', ({ evidence }) => {
  evidence.forEach((links, column) => {
    for (const [, file] of links) {
      expect(file).toMatch(KINDS[column]);
      expect(fs.existsSync(path.join(PROJECT, file))).toBe(true);
    }
  });
});

test('each named file is part of a test run, so that a renamed test cannot drop out', () => {
  const patterns = runPatterns();
  const files = [...new Set(GUARANTEES.flatMap(({ evidence }) => evidence.slice(1, 4).flat().map(([, file]) => file)))];

  expect(files.length).toBeGreaterThan(10);
  expect(files.filter(file => !patterns.some(pattern => pattern.test(file)))).toEqual([]);
});

test('each test of the account suite is evidence of a guarantee, and no other test is named', () => {
  const named = GUARANTEES.flatMap(({ evidence }) => evidence[4].map(([label]) => label));

  expect([...new Set(named)].sort()).toEqual(PLAN.map(({ name }) => name).sort());
});

test('the page names exactly the tests that the local cloud can run', () => {
  const local = PLAN.filter(({ notLocal }) => notLocal === undefined).map(({ name }) => `\`${name}\``);

  expect(PAGE.lines.join('\n')).toContain(`The local cloud runs ${local.slice(0, -1).join(', ')} and ${local[local.length - 1]} with their assertions.`);
});

test('README says that the suite has not run on AWS yet, and links to the page', () => {
  expect(markdownPage('README.md').lines.join('\n')).toMatch(/has not run on AWS yet[\s\S]{0,80}\]\(docs\/verification\.md\)|\]\(docs\/verification\.md\)[\s\S]{0,120}has not run on AWS yet/);
});
