/**
 * The entries of a map, sorted by name.
 *
 * Maps have no order in some languages, and a different order in a task definition or pod manifest would restart all tasks or pods.
 */
export function byName<T>(map: { readonly [name: string]: T }): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => a < b ? -1 : 1);
}

/** A copy of the map with sorted names. */
export function sortedByName<T>(map: { readonly [name: string]: T } | undefined): { [name: string]: T } | undefined {
  return map && Object.fromEntries(byName(map));
}
