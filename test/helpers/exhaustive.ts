/** Whether to try everything, as `npx projen exhaustive` does, or one case of each kind, as all other runs do. */
export const EXHAUSTIVE = process.env.EXHAUSTIVE === 'true';

/** All cases, or only the first one of each kind that is not among the known kinds. Adds its kinds to these. */
export function oneOfEach<T>(cases: readonly T[], kindOf: (each: T) => string, kinds = new Set<string>()): readonly T[] {
  if (EXHAUSTIVE) return cases;
  return cases.filter(each => !kinds.has(kindOf(each)) && kinds.add(kindOf(each)));
}
