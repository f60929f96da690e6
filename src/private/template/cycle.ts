/** A directed graph: the nodes that each node refers to. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** A short cycle, from a node back to the same node; undefined if there is none. */
export function cycleIn(graph: Graph): string[] | undefined {
  const [first, ...others] = someCycle(graph).map(start => shortestWayBack(graph, start));
  return others.reduce((best, each) => each.length < best.length ? each : best, first);
}

/** The nodes of one cycle; none if the graph has no cycle. Uses no recursion, because chains can be longer than the call stack. */
function someCycle(graph: Graph): string[] {
  const done = new Set<string>();
  for (const start of graph.keys()) {
    const trail = new Map<string, number>();
    let current: string | undefined = start;
    while (current !== undefined) {
      const position: number = trail.get(current) ?? 0;
      const child: string | undefined = graph.get(current)?.[position];
      trail.set(current, position + 1);
      if (child === undefined) {
        done.add(current);
        trail.delete(current);
        current = [...trail.keys()].pop();
      } else if (trail.has(child)) {
        const ids = [...trail.keys()];
        return ids.slice(ids.indexOf(child));
      } else if (!done.has(child)) {
        current = child;
      }
    }
  }
  return [];
}

/** The shortest path from a node of a cycle back to that node. */
function shortestWayBack(graph: Graph, start: string): string[] {
  const ways = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way[way.length - 1]) ?? []) {
      if (next === start) return [...way, start];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return [start];
}
