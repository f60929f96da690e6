

/**
 * The severity of a finding, worst first.
 *
 * A finding without a rating (`UNDEFINED` in a basic scan, `UNTRIAGED` in an enhanced one) counts as `INFORMATIONAL`. Many new findings start without
 * a rating, and are reported again when they get one.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
 */
export enum Severity {
  /** Critical: the worst. */
  CRITICAL = 'CRITICAL',

  /** High. */
  HIGH = 'HIGH',

  /** Medium. */
  MEDIUM = 'MEDIUM',

  /** Low. */
  LOW = 'LOW',

  /** Informational, or without a rating. */
  INFORMATIONAL = 'INFORMATIONAL',
}

/** The severities, worst first. */
export const SEVERITIES: readonly Severity[] = Object.values(Severity);

/** A severity and all that are worse, worst first. */
export function atOrAbove(severity: Severity): Severity[] {
  return SEVERITIES.slice(0, SEVERITIES.indexOf(severity) + 1);
}

/** The severities of findings without a rating, in basic and enhanced scans. */
export const UNRATED: readonly string[] = ['UNDEFINED', 'UNTRIAGED'];

/** The names in scan results for this severity and all worse ones. */
export function namesAtOrAbove(severity: Severity): string[] {
  return [...atOrAbove(severity), ...(severity === Severity.INFORMATIONAL ? UNRATED : [])];
}

/** The last millisecond of a date like `2027-06-30` in UTC; `undefined` if the day does not exist. */
export function endOfDay(date: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const start = new Date(`${date}T00:00:00.000Z`);
  // Date accepts 2026-02-30 as a day in March.
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== date) return undefined;
  return start.getTime() + 24 * 60 * 60 * 1000 - 1;
}
