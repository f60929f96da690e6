import * as fs from 'fs';
import * as path from 'path';
import { withSlashes } from './portable-paths';
import { undefinedIfThrows } from '../../private/undefined-if-throws';

// CDK uses another implementation to decide which files it copies. That one ignores case and treats characters such as "(" and "+" as special.
// Docker reads the ignore file again when it builds, so an unnecessary copy of a file is harmless, but a missing file breaks the build.

interface Pattern {
  readonly text: string;
  readonly isException: boolean;
  readonly expression: RegExp;
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
    return this.patterns.reduce((isIgnored, { isException, expression }) => (
      isException === isIgnored && paths.some(each => expression.test(each)) ? !isException : isIgnored
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
  const expression = expressionOf(text);
  return expression === undefined ? [] : [{ text, isException, expression }];
}

/** The regular expression for a pattern, as in Docker; undefined if the pattern is malformed, which Docker reports. */
function expressionOf(pattern: string): RegExp | undefined {
  const parts = pattern.match(/\*\*\/?|\\[^]|[^]/g) ?? [];
  const source = parts.map((part, position) => {
    if (part.startsWith('**')) return position === parts.length - 1 ? '[^]*' : '(?:[^]*/)?';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.length === 1 && '.+()|{}$'.includes(part) ? `\\${part}` : part;
  });
  return undefinedIfThrows(() => new RegExp(`^${source.join('')}$`));
}

/** The lines of an ignore file; undefined if there is none. */
export function readIgnoreFile(file: string): string[] | undefined {
  return undefinedIfThrows(() => fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/).filter(line => line.trim() !== ''));
}

/** A pattern for CDK and Docker that matches this path. Characters that CDK cannot escape match any character. */
export function patternFor(place: string): string {
  return place.replace(/[\s\\[\]*?^$+(){}|!#]/g, '?');
}
