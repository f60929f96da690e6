import { Choices, World } from './intrinsics';
import { TemplateSections } from './template-sections';

// Twelve independent conditions have as many combinations.
const MOST = 4096;

/** What a part of a template can turn out to be. */
export interface PossibleValues {
  /** With the text UNKNOWN in place of what is only known at deployment. */
  readonly values: readonly unknown[];
  /** Whether there are more: those are left out that differ from the usual in the most conditions. */
  readonly isComplete: boolean;
}

/**
 * Evaluates the intrinsic functions of a part of a template, for every combination of conditions, allowed values of parameters and keys of
 * mappings.
 *
 * @param template without it, parameters and mappings are unknown, and every condition can be met or not
 */
export function possibleValues(part: unknown, template?: TemplateSections): PossibleValues {
  const values: unknown[] = [];
  const scripts: number[][] = [[]];
  for (const script of scripts) {
    if (values.length === MOST) break;
    const choices = new Choices(script);
    values.push(new World(choices, template).evaluate(part));
    if (scripts.length <= MOST) scripts.push(...choices.alternatives());
  }
  return { values, isComplete: values.length === scripts.length };
}
