type Json = Readonly<Record<string, unknown>>;

/**
 * Whether an event matches a pattern, for the features that the patterns of this library use: values, `numeric` greater than, `anything-but`,
 * `$or`, and objects in lists.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function matches(pattern: Json, event: unknown): boolean {
  return Object.entries(pattern).every(([name, rule]) => {
    if (name === '$or') return (rule as readonly Json[]).some(each => matches(each, event));
    const values = [(event as Json | undefined)?.[name] ?? []].flat();
    // In a list of objects, one of them must match completely: https://github.com/aws/event-ruler#ruler-and-json-arrays
    return values.some(value => Array.isArray(rule) ? rule.some(each => isAllowed(each, value)) : matches(rule as Json, value));
  });
}

function isAllowed(rule: unknown, value: unknown): boolean {
  if (typeof rule !== 'object' || rule === null) return rule === value;
  const [[name, operand], ...others] = Object.entries(rule);
  if (others.length === 0 && name === 'anything-but') return !(operand as unknown[]).includes(value);
  if (others.length === 0 && name === 'numeric' && operand[0] === '>') return typeof value === 'number' && value > Number(operand[1]);
  throw new Error(`not understood here: ${JSON.stringify(rule)}`);
}
