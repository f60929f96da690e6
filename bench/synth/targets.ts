import { Row, Sample } from './results';
import { VARIANTS } from './variants';
import { spreadOf } from '../spread';

/** A target with its measured number. */
export interface Target {
  readonly promise: string;
  readonly found: string;
  readonly reached: boolean;
}

/** The factor by which a time may be longer: than that of the plain L2s, or than linear growth. */
const TIME = 1.1;
// Larger apps show how the time grows.
const MOST_COMPARED = 100;
/** The maximum number of additional resources per image, compared with the plain L2s: one, and four for its own repository. */
const RESOURCES: { readonly [variant: string]: number } = { 'direct': 0, 'copy': 5, 'copy-one-repository': 1 };

/** Compares the targets of our constructs with the measurements. */
export function targets(rows: readonly Row[]): Target[] {
  return VARIANTS.filter(({ id }) => id in RESOURCES).flatMap(({ id, title, baseline = '' }) => {
    const [own, plain] = [id, baseline].map(wanted => rows.filter(({ variant }) => variant === wanted));
    const pairs = own.flatMap(row => plain.filter(({ services }) => services === row.services).map(base => ({ row, base })));
    const times = pairs.filter(({ row: { services } }) => services <= MOST_COMPARED).map(({ row, base }) => {
      const wall = ratio(row, base, 'wallSeconds');
      const found = `${wall.toFixed(2)} times; fastest run ${ratio(row, base, 'wallSeconds', 'min').toFixed(2)}, CPU ${ratio(row, base, 'cpuSeconds').toFixed(2)}`;
      const promise = `${title}: ${row.services} ${row.services === 1 ? 'service' : 'services'} in at most ${TIME} times the time of the plain L2s`;
      return { promise, found, reached: wall <= TIME };
    });
    return [...resourceTarget(title, pairs, RESOURCES[id]), ...times, ...growthTarget(title, pairs)];
  });
}

/** The ratio of two durations. The variants took turns, so a disturbance has mostly affected both. */
export function ratio(row: Row, base: Row, what: keyof Sample, of: 'median' | 'min' = 'median'): number {
  const figure = ({ samples }: Row) => spreadOf(samples.map(sample => sample[what]))[of];
  return figure(row) / figure(base);
}

/** The largest app, compared with the largest one up to a hundred services. */
function growthTarget(title: string, pairs: readonly { row: Row; base: Row }[]): Target[] {
  const [large, largest] = [pairs.filter(({ row: { services } }) => services <= MOST_COMPARED).at(-1), pairs.at(-1)];
  if (large === undefined || largest === undefined || largest === large) return [];
  const services = largest.row.services / large.row.services;
  const growth = ratio(largest.row, large.row, 'wallSeconds');
  return [{
    promise: `${title}: ${largest.row.services} services in at most ${services} × ${TIME} times the time of ${large.row.services}`,
    found: `${growth.toFixed(2)} times; the plain L2s ${ratio(largest.base, large.base, 'wallSeconds').toFixed(2)} times`,
    reached: growth <= services * TIME,
  }];
}

/** Between the fewest and the most services: what is there once however many images there are is not counted. */
function resourceTarget(title: string, pairs: readonly { row: Row; base: Row }[], most: number): Target[] {
  if (pairs.length < 2) return [];
  const surplus = ({ row, base }: { row: Row; base: Row }) => row.assembly.resources - base.assembly.resources;
  const [fewest, largest] = [pairs[0], pairs[pairs.length - 1]];
  const each = (surplus(largest) - surplus(fewest)) / (largest.row.services - fewest.row.services);
  const once = surplus(fewest) - each * fewest.row.services;
  const promise = `${title}: at most ${most} more resources for each image than the plain L2s`;
  return [{ promise, found: `${rounded(each)} for each image, and ${rounded(once)} once`, reached: each <= most }];
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
