import * as fs from 'fs';
import * as path from 'path';
import { withSlashes } from './portable-paths';
import { undefinedIfThrows } from '../../private/undefined-if-throws';

// CDK uses another implementation to decide which files it copies. That one ignores case and treats characters such as "(" and "+" as special.
// Docker reads the ignore file again when it builds, so an unnecessary copy of a file is harmless, but a missing file breaks the build.

interface Pattern {
  readonly text: string;
  readonly isException: boolean;
  /** Whether the pattern matches a path. */
  readonly matches: (place: string) => boolean;
}

/**
 * The files that Docker leaves out of a build context.
 *
 * @see https://github.com/moby/patternmatcher
 */
export class DockerIgnore {
  private readonly patterns: readonly Pattern[];

  /** @param lines the lines of an ignore file */
  constructor(lines: readonly string[]) {
    this.patterns = lines.flatMap(patternOf);
  }

  /**
   * Whether a file is left out.
   *
   * @param place its path in the context, with slashes
   */
  public ignores(place: string): boolean {
    const steps = place.split('/');
    const paths = steps.map((_, position) => steps.slice(0, position + 1).join('/'));
    return this.patterns.reduce((isIgnored, { isException, matches }) => (
      isException === isIgnored && paths.some(matches) ? !isException : isIgnored
    ), false);
  }

  /** Whether a directory and everything in it is left out. */
  public ignoresAllIn(place: string): boolean {
    return this.ignores(place) && !this.patterns.some(({ isException, text }) => isException && (/[*?[\\]/.test(text) || `${text}/`.startsWith(`${place}/`)));
  }
}

function patternOf(line: string): Pattern[] {
  const trimmed = line.trim();
  if (line.startsWith('#') || trimmed === '' || trimmed === '!') return [];
  const isException = trimmed.startsWith('!');
  const given = (isException ? trimmed.slice(1) : trimmed).trim();
  const normal = path.posix.normalize(withSlashes(given));
  const text = normal.replace(/(?<=.)\/$/, '').replace(/^\/(?=.)/, '');
  const matches = matcherOf(text);
  return matches === undefined ? [] : [{ text, isException, matches }];
}

/** Compares paths with a pattern as Docker does; undefined if the pattern is malformed, which Docker reports. */
function matcherOf(pattern: string): Pattern['matches'] | undefined {
  const [, suffix] = /^\*\*([^*?[\]\\]*)$/.exec(pattern) ?? [];
  if (suffix !== undefined) return place => place.endsWith(suffix) || `/${place}` === suffix;
  if (!/[*?[\]\\]/.test(pattern)) return place => place === pattern;
  const expression = expressionOf(pattern);
  return expression && (place => expression.test(place));
}

// https://github.com/google/re2/wiki/Syntax
const CHARACTER_CLASSES: { readonly [name: string]: string } = {
  '[:alnum:]': '0-9A-Za-z', '[:alpha:]': 'A-Za-z', '[:ascii:]': '\\x00-\\x7F', '[:blank:]': '\\t ', '[:cntrl:]': '\\x00-\\x1F\\x7F', '[:digit:]': '0-9',
  '[:graph:]': '!-~', '[:lower:]': 'a-z', '[:print:]': ' -~', '[:punct:]': '!-\\/:-@[-`{-~', '[:space:]': '\\t\\n\\v\\f\\r ', '[:upper:]': 'A-Z', '[:word:]': '0-9A-Za-z_',
  '[:xdigit:]': '0-9A-Fa-f',
};

function expressionOf(pattern: string): RegExp | undefined {
  const parts = pattern.match(/\*\*\/?|\\[^]|\[:[a-z]+:\]|[^]/gu) ?? [];
  const source = parts.map((part, position) => {
    if (part.startsWith('**')) return position === parts.length - 1 ? '[^]*' : '(?:[^]*/)?';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.length === 1 && '.+()|{}$'.includes(part) ? `\\${part}` : CHARACTER_CLASSES[part] ?? part;
  });
  // With the flag, a character is a code point as in Docker. Without it, JavaScript accepts more escapes.
  const text = `^${source.join('')}$`;
  return undefinedIfThrows(() => new RegExp(text, 'u')) ?? undefinedIfThrows(() => new RegExp(text));
}

/** The lines of an ignore file; undefined if there is none. */
export function readIgnoreFile(file: string): string[] | undefined {
  return undefinedIfThrows(() => fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/).filter(line => line.trim() !== ''));
}

/** A pattern for CDK and Docker that matches this path. Characters that CDK cannot escape match any character. */
export function patternFor(place: string): string {
  return place.replace(/[\s\\[\]*?^$+(){}|!#]/g, '?');
}
