/** The last millisecond of a date like `2027-06-30` in UTC; `undefined` for what is no day of the calendar. */
export function endOfDay(date: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const start = new Date(`${date}T00:00:00.000Z`);
  // 2026-02-30 would be read as March.
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== date) return undefined;
  return start.getTime() + 24 * 60 * 60 * 1000 - 1;
}
