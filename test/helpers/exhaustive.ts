/** Whether to try everything, as `npx projen exhaustive` does, or one case of each kind, as all other runs do. */
export const EXHAUSTIVE = process.env.EXHAUSTIVE === 'true';

/** All cases, or only the first one of each kind. */
export function oneOfEach<T>(cases: readonly T[], kindOf: (each: T) => string): readonly T[] {
  if (EXHAUSTIVE) return cases;
  const kinds = new Set<string>();
  return cases.filter(each => !kinds.has(kindOf(each)) && kinds.add(kindOf(each)));
}
