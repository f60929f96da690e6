type Json = Readonly<Record<string, unknown>>;

/**
 * Whether an event matches a pattern, as far as the patterns of this library go: values, `numeric` greater than, `$or`, and objects in lists.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function matches(pattern: Json, event: unknown): boolean {
  return Object.entries(pattern).every(([name, rule]) => {
    if (name === '$or') return (rule as readonly Json[]).some(each => matches(each, event));
    // An object in a list matches as if it stood there alone.
    const values = (Array.isArray(event) ? event : [event]).flatMap((each: Json) => each?.[name] ?? []);
    return Array.isArray(rule) ? values.some(value => rule.some(each => isAllowed(each, value))) : values.length > 0 && matches(rule as Json, values);
  });
}

function isAllowed(rule: unknown, value: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return rule === value;
  const { numeric: [operator, bound] = [], ...others } = rule as { readonly numeric?: readonly [string, number] };
  if (operator !== '>' || Object.keys(others).length > 0) throw new Error(`not understood here: ${JSON.stringify(rule)}`);
  return typeof value === 'number' && value > Number(bound);
}
