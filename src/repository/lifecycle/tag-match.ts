import { RuleSelection } from './policy-text';

type SelectedTags = Pick<RuleSelection, 'tagStatus' | 'tagPrefixList' | 'tagPatternList'>;

/** Whether a rule means an image with these tags, whatever its age. */
export function matchesTags(selection: SelectedTags, tags: readonly string[]): boolean {
  switch (selection.tagStatus) {
    case 'any': return true;
    case 'untagged': return tags.length === 0;
    case 'tagged': return patternsOf(selection).every(pattern => tags.some(tag => matchesPattern(pattern, tag)));
  }
}

/** For each of these patterns an image must have a tag. A prefix is a pattern with a star at its end. */
export function patternsOf({ tagPrefixList = [], tagPatternList = [] }: Partial<SelectedTags>): string[] {
  return [...tagPrefixList.map(prefix => `${prefix}*`), ...tagPatternList];
}

/** Tags of an image that a rule means. */
export function tagsFor(selection: Partial<SelectedTags>): string[] {
  return patternsOf(selection).map(pattern => pattern.replace(/\*/g, ''));
}

/** Whether a tag looks like a pattern. Goes through the tag once: a regular expression could take exponential time. */
export function matchesPattern(pattern: string, tag: string): boolean {
  const [first, ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return tag === first;
  if (!tag.startsWith(first)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = tag.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return tag.length >= position + last.length && tag.endsWith(last);
}
