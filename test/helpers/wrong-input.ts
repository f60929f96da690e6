/** What JavaScript and Python users can give in place of anything. */
export function wrong<T>(value: unknown): T {
  return value as T;
}

/** What a user gets to read. */
export function messageOf(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    // A TypeError of JavaScript says nothing about the user's own code.
    return error instanceof Error && error.constructor === Error ? error.message : `raw ${String(error)}`;
  }
  return 'accepted';
}

/** Construct path, property, rule, value, fix. */
export function told(property: string): RegExp {
  return new RegExp(`^Stack[\\w/]*: '${property.replace(/[.[\]]/g, '\\$&')}' must .+, got [^]+\\. [A-Z][^]+$`);
}

/** As `told`, also for an item of a list. */
export function toldIn(property: string): RegExp {
  return new RegExp(told(property).source.replace("' must", "(?:\\[\\d+\\])?' must"));
}
