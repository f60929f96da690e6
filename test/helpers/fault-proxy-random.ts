const MODULUS = 2 ** 31 - 1;

/** Numbers of at least 0 and less than 1, the same ones for the same seed (Lehmer's generator). */
export function seeded(seed: number): () => number {
  let state = Math.abs(seed) % (MODULUS - 1) + 1;
  const next = () => {
    state = state * 48_271 % MODULUS;
    return (state - 1) / MODULUS;
  };
  // Neighbouring seeds begin alike.
  for (let warm = 0; warm < 10; warm++) next();
  return next;
}

/** One of some things. */
export function pick<T>(things: readonly T[], random: () => number): T {
  return things[Math.floor(random() * things.length)];
}
