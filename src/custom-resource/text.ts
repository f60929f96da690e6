/** Cuts a text to a number of bytes without cutting a character in two. */
export function truncateUtf8(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return buffer.toString('utf8');
  let end = bytes - 3;
  while (end > 0 && buffer[end] >= 0x80 && buffer[end] < 0xc0) end--;
  return `${buffer.subarray(0, end).toString('utf8')}…`;
}

/**
 * A text on one line that CloudFormation can show: control characters and what XML forbids make its events unreadable.
 *
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1601
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]+/gu, ' ');
}

/** A text on one line, cut to a number of bytes for people; `undefined` for anything else. */
export function shortText(value: unknown, bytes = 80): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? truncateUtf8(oneLine(value).trim(), bytes) : undefined;
}

/** What somebody says in words of their own; `undefined` for anything else than a text. */
export function sentence(value: unknown): string | undefined {
  return shortText(value, 500);
}

/** What an error says: whatever else was thrown says nothing that may be shown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}
