/**
 * Reads a value. Returns `undefined` if that throws.
 *
 * Getters of imported constructs throw if the value was not given. Files may be missing or unreadable.
 */
export function undefinedIfThrows<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
