import { parseArgs } from 'node:util';
import { ImageSize } from './results';

/** The options of the benchmark. */
export interface Options {
  readonly sizes: readonly ImageSize[];
  readonly runs: number;
  readonly starts: number;
  /** Whether a single layer of 2 GiB is copied too. */
  readonly singleLayer: boolean;
  /** The folder of the registries. It should be in memory, because otherwise the speed of the disk is measured too. */
  readonly storage: string;
  /** Folder of the results. */
  readonly out: string;
  /** Whether only the page and the chart are created again from existing results. */
  readonly renderOnly: boolean;
}

const SIZES: readonly ImageSize[] = [
  { megabytes: 5, layers: 2 },
  { megabytes: 50, layers: 5 },
  { megabytes: 500, layers: 10 },
  { megabytes: 2000, layers: 10 },
];
const RUNS = 5;
const STARTS = 20;

/** Parses the command line. Only a complete series replaces the published results. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      'sizes': { type: 'string', default: SIZES.map(({ megabytes }) => megabytes).join() },
      'runs': { type: 'string', default: String(RUNS) },
      'starts': { type: 'string', default: String(STARTS) },
      'no-single-layer': { type: 'boolean', default: false },
      'storage': { type: 'string', default: '/dev/shm' },
      'out': { type: 'string' },
      'render': { type: 'boolean', default: false },
    },
  });
  const sizes = SIZES.filter(({ megabytes }) => values.sizes.split(',').includes(String(megabytes)));
  if (sizes.length === 0) throw new Error(`--sizes takes some of ${SIZES.map(({ megabytes }) => megabytes).join()}, separated by commas`);
  const [runs, starts] = [Number(values.runs), Number(values.starts)];
  const singleLayer = !values['no-single-layer'] && sizes.length === SIZES.length;
  const complete = singleLayer && runs >= RUNS && starts >= STARTS;
  return { sizes, runs, starts, singleLayer, storage: values.storage, out: values.out ?? (complete || values.render ? 'docs' : '.bench'), renderOnly: values.render };
}
