const MODULUS = 2 ** 31 - 1;

/** Numbers from 0 to 1 (exclusive), the same ones for the same seed (Lehmer generator). */
export function seeded(seed: number): () => number {
  let state = Math.abs(seed) % (MODULUS - 1) + 1;
  const next = () => {
    state = state * 48_271 % MODULUS;
    return (state - 1) / MODULUS;
  };
  // Similar seeds begin with similar numbers.
  for (let warm = 0; warm < 10; warm++) next();
  return next;
}

/** A random element. */
export function pick<T>(things: readonly T[], random: () => number): T {
  return things[Math.floor(random() * things.length)];
}
