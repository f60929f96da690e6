/**
 * What a map holds, in an order that depends on nothing but the names.
 *
 * A map has no order in every language, and whatever changes places in a task definition or in the manifest of a pod restarts all of them.
 */
export function byName<T>(map: { readonly [name: string]: T }): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => a < b ? -1 : 1);
}

/** The same map, in that order. */
export function sortedByName<T>(map: { readonly [name: string]: T } | undefined): { [name: string]: T } | undefined {
  return map && Object.fromEntries(byName(map));
}
