import * as fs from 'fs';
import * as path from 'path';

export const PROJECT = path.join(__dirname, '..', '..');

export interface CodeBlock {
  /** Its location, for the title of a test: `README.md:42`. */
  readonly at: string;
  readonly language: string;
  readonly code: string;
}

/** A parsed Markdown page. */
export interface MarkdownPage {
  /** Its path in the project. */
  readonly name: string;
  readonly lines: readonly string[];
  readonly blocks: readonly CodeBlock[];
  /** The text outside of code blocks and inline code. */
  readonly prose: string;
  readonly headings: readonly string[];
  /** The targets of its links, including images. */
  readonly links: readonly string[];
}

/** Reads a page of the project. */
export function markdownPage(name: string): MarkdownPage {
  const lines = fs.readFileSync(path.join(PROJECT, name), 'utf8').trimEnd().split('\n');
  const blocks: CodeBlock[] = [];
  const prose: string[] = [];
  let open: { at: string; language: string; code: string[] } | undefined;
  lines.forEach((line, index) => {
    const [, fence, info] = /^\s*(```+)(.*)$/.exec(line) ?? [];
    if (fence !== undefined && open === undefined) {
      open = { at: `${name}:${index + 1}`, language: info.trim(), code: [] };
    } else if (fence !== undefined && open !== undefined) {
      blocks.push({ at: open.at, language: open.language, code: `${open.code.join('\n')}\n` });
      open = undefined;
    } else {
      (open?.code ?? prose).push(line);
    }
  });
  if (open !== undefined) throw new Error(`${open.at}: this code block has no end.`);
  const text = prose.join('\n');
  return {
    name, lines, blocks,
    prose: text.replace(/(`+)[^`]+?\1/g, ''),
    headings: prose.flatMap(line => /^#+ +(.*)$/.exec(line)?.[1] ?? []),
    links: [...text.matchAll(/\]\(<?([^)\s>]+)>?\)/g)].map(([, target]) => target),
  };
}

/** The pages of a folder of the project, by name. */
export function markdownPages(folder: string): MarkdownPage[] {
  return fs.readdirSync(path.join(PROJECT, folder)).filter(file => file.endsWith('.md')).sort().map(file => markdownPage(path.posix.join(folder, file)));
}

/** The anchors that GitHub generates for the headings of a page. */
export function anchorsOf(page: MarkdownPage): string[] {
  const seen = new Map<string, number>();
  return page.headings.map(heading => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replace(/\s/g, '-');
    const earlier = seen.get(slug) ?? 0;
    seen.set(slug, earlier + 1);
    return earlier === 0 ? slug : `${slug}-${earlier}`;
  });
}
