const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Field {
  readonly from: number;
  readonly to: number;
  /** Words for the numbers from `from` on. */
  readonly words?: string[];
  /** What else may be there. */
  readonly special?: RegExp;
}

// Minutes, hours, day of the month, month, day of the week, year.
const FIELDS: Field[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31, special: /^(\?|LW?|([1-9]|[12]\d|3[01])W)$/ },
  { from: 1, to: 12, words: MONTHS },
  { from: 1, to: 7, words: DAYS, special: /^(\?|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)?L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$/i },
  { from: 1970, to: 2199 },
];

/**
 * Whether these are the six fields of a cron expression of AWS, of which exactly one of the days is a question mark.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
 */
export function isCron(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  return fields.length === FIELDS.length
    && fields.every((field, index) => isField(field, FIELDS[index]))
    && (fields[2] === '?') !== (fields[4] === '?');
}

function isField(text: string, field: Field): boolean {
  return (field.special?.test(text) ?? false) || text.split(',').every(part => isPart(part, field));
}

/** A value, a range or all of them, and how many to skip. */
function isPart(part: string, field: Field): boolean {
  const [, range, , step] = /^([^/]+)(\/(\d+))?$/.exec(part) ?? [];
  if (range === undefined || step === '0') {
    return false;
  }
  return range === '*' || range.split('-').length <= 2 && range.split('-').every(value => isValue(value, field));
}

function isValue(value: string, { from, to, words = [] }: Field): boolean {
  return words.includes(value.toUpperCase()) || /^\d+$/.test(value) && Number(value) >= from && Number(value) <= to;
}
