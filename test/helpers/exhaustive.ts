/** Whether to try all cases, as `npx projen exhaustive` does, or one case of each kind, as all other runs do. */
export const EXHAUSTIVE = process.env.EXHAUSTIVE === 'true';

/** All cases, or only the first one of each unknown kind. Adds its kinds to the known kinds. */
export function oneOfEach<T>(cases: readonly T[], kindOf: (each: T) => string, kinds = new Set<string>()): readonly T[] {
  if (EXHAUSTIVE) return cases;
  return cases.filter(each => !kinds.has(kindOf(each)) && kinds.add(kindOf(each)));
}

/** A number of random cases, or a fifth of it. */
export function share(all: number): number {
  return EXHAUSTIVE ? all : Math.ceil(all / 5);
}

/** The number of runs of a fast-check property. */
export function runsOf(all: number): { readonly numRuns: number } {
  return { numRuns: share(all) };
}
