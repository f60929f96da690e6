import { Choices, TemplateEvaluator } from './intrinsics';
import { TemplateSections } from './template-sections';

// The number of combinations of twelve independent conditions.
const MOST = 4096;

/** The possible values of a part of a template. */
export interface PossibleValues {
  /** The values, with the text UNKNOWN in place of values that are only known at deployment. */
  readonly values: readonly unknown[];
  /** Whether `values` contains all possible values. If there are too many, those that differ from the defaults in the most decisions are left out. */
  readonly isComplete: boolean;
}

/**
 * Evaluates the intrinsic functions of a part of a template, for every combination of conditions, allowed values of parameters and keys of
 * mappings.
 *
 * @param template the template; without it, parameters and mappings are unknown, and every condition can be true or false
 */
export function possibleValues(part: unknown, template?: TemplateSections): PossibleValues {
  const values: unknown[] = [];
  const scripts: number[][] = [[]];
  for (const script of scripts) {
    if (values.length === MOST) break;
    const choices = new Choices(script);
    values.push(new TemplateEvaluator(choices, template).evaluate(part));
    if (scripts.length <= MOST) scripts.push(...choices.alternatives());
  }
  return { values, isComplete: values.length === scripts.length };
}
