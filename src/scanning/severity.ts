

/**
 * How bad a finding of a scan is, worst first.
 *
 * A finding that nobody has rated yet (`UNDEFINED` of a basic scan, `UNTRIAGED` of an enhanced one) counts as `INFORMATIONAL`:
 * new findings begin like that by the hundred, and are reported again once they are rated.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
 */
export enum Severity {
  /** The worst. */
  CRITICAL = 'CRITICAL',

  /** Bad. */
  HIGH = 'HIGH',

  /** Not that bad. */
  MEDIUM = 'MEDIUM',

  /** Harmless in most places. */
  LOW = 'LOW',

  /** The least, and whatever is not rated yet. */
  INFORMATIONAL = 'INFORMATIONAL',
}

/** The severities, worst first. */
export const SEVERITIES: readonly Severity[] = Object.values(Severity);

/** A severity and all that are worse, worst first. */
export function atOrAbove(severity: Severity): Severity[] {
  return SEVERITIES.slice(0, SEVERITIES.indexOf(severity) + 1);
}

/** What scans write of a finding that nobody has rated yet, the basic and the enhanced one. */
export const UNRATED: readonly string[] = ['UNDEFINED', 'UNTRIAGED'];

/** What scans write of findings of a severity and all that are worse. */
export function namesAtOrAbove(severity: Severity): string[] {
  return [...atOrAbove(severity), ...(severity === Severity.INFORMATIONAL ? UNRATED : [])];
}

/** The last millisecond of a date like `2027-06-30` in UTC; `undefined` for what is no day of the calendar. */
export function endOfDay(date: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const start = new Date(`${date}T00:00:00.000Z`);
  // 2026-02-30 would be read as March.
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== date) return undefined;
  return start.getTime() + 24 * 60 * 60 * 1000 - 1;
}
