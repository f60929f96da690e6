/** Wrong values that JavaScript and Python users can pass. */
export function wrong<T>(value: unknown): T {
  return value as T;
}

/** The error message. */
export function messageOf(use: () => unknown): string {
  try {
    use();
  } catch (error) {
    // A TypeError of JavaScript does not help the user.
    return error instanceof Error && error.constructor === Error ? error.message : `raw ${String(error)}`;
  }
  return 'accepted';
}

/** Construct path, property, rule, value, fix. */
export function told(property: string): RegExp {
  return new RegExp(`^Stack[\\w/]*: '${property.replace(/[.[\]]/g, '\\$&')}' must .+, got [^]+\\. [A-Z][^]+$`);
}

/** Like `told`, also for an item of a list. */
export function toldIn(property: string): RegExp {
  return new RegExp(told(property).source.replace("' must", "(?:\\[\\d+\\])?' must"));
}
