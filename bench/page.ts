import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

const PAGE = path.join('docs', 'benchmarks.md');

/** Writes a generated part into the page in a folder, which begins as a copy of the published one. Returns its path. */
export function publishSection(folder: string, name: string, content: string): string {
  const page = path.join(folder, path.basename(PAGE));
  mkdirSync(folder, { recursive: true });
  writeFileSync(page, withSection(readFileSync(existsSync(page) ? page : PAGE, 'utf8'), name, content));
  return page;
}

/**
 * Puts a generated part into a page, between `<!-- <name>: generated -->` and `<!-- <name>: end -->`.
 *
 * @throws if the page has no such place.
 */
export function withSection(page: string, name: string, content: string): string {
  const { from, to } = placeOf(page, name);
  return `${page.slice(0, from)}\n\n${content.trim()}\n\n${page.slice(to)}`;
}

/** The generated part of a page. */
export function section(page: string, name: string): string {
  const { from, to } = placeOf(page, name);
  return page.slice(from, to).trim();
}

/** A table in Markdown; all columns but the first `texts` are numbers. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[], texts = 1): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => index < texts ? '---' : '--:')), ...rows.map(line)].join('\n');
}

function placeOf(page: string, name: string): { readonly from: number; readonly to: number } {
  const begin = `<!-- ${name}: generated -->`;
  const [from, to] = [page.indexOf(begin), page.indexOf(`<!-- ${name}: end -->`)];
  if (from < 0 || to < from) throw new Error(`the page has no place for '${name}'`);
  return { from: from + begin.length, to };
}
