/** The context of a request: a key has one value, several, or is missing. */
export interface RequestContext {
  readonly [key: string]: string | string[];
}

export interface ConditionJson {
  readonly [operator: string]: { readonly [key: string]: string | string[] };
}

/**
 * Whether a policy condition is true for a request, for the string operators.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function holds(condition: ConditionJson, request: RequestContext): boolean {
  return Object.entries(condition).every(([operator, block]) =>
    Object.entries(block).every(([key, values]) => holdsFor(operator, [values].flat(), key in request ? [request[key]].flat() : undefined, request)));
}

function holdsFor(operator: string, wanted: string[], found: string[] | undefined, request: RequestContext): boolean {
  const [, quantifier, test, ifExists] = /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  if (test === 'Null') return wanted.includes(String(found === undefined));
  if (found === undefined) return Boolean(ifExists) || test.includes('Not') || quantifier === 'ForAllValues:';
  const fits = (value: string) => wanted.some(pattern => matches(test.replace('Not', ''), pattern, value, request)) !== test.includes('Not');
  return quantifier === 'ForAllValues:' ? found.every(fits) : found.some(fits);
}

function matches(test: string, pattern: string, value: string, request: RequestContext): boolean {
  const wanted = pattern.replace(/\$\{(.+?)\}/g, (_, key: string) => String(request[key] ?? ''));
  if (test === 'StringEquals') return wanted === value;
  if (test !== 'StringLike') throw new Error(`${test} is not known here`);
  return new RegExp(`^${wanted.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`).test(value);
}
