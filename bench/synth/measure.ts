import { countAssembly, fingerprints, unstableFiles } from './assembly';
import { Assembly, Row, Sample } from './results';
import { VARIANTS } from './variants';
import { Workbench } from './workbench';

interface Run {
  readonly sample: Sample;
  readonly files: Map<string, string>;
  readonly assembly: Assembly;
}

/** All variants with this number of services. They take turns, each round in another order; the first round is not timed. */
export function measure(bench: Workbench, services: number, runs: number): Row[] {
  const found = new Map<string, Run[]>(VARIANTS.map(({ id }) => [id, []]));
  for (let round = 0; round <= runs; round++) {
    for (const [id, all] of rotated([...found], round)) {
      const sample = bench.synthesize(id, services);
      all.push({ sample, files: fingerprints(bench.outdir), assembly: countAssembly(bench.outdir) });
    }
  }
  return [...found].map(([variant, all]) => ({
    variant,
    services,
    samples: all.slice(1).map(({ sample }) => sample),
    assembly: all[0].assembly,
    unstableFiles: unstableFiles(all.map(({ files }) => files)),
  }));
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
