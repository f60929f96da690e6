/** Cuts a text to a number of bytes without cutting a character in two. */
export function truncateUtf8(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return buffer.toString('utf8');
  let end = bytes - 3;
  while (end > 0 && buffer[end] >= 0x80 && buffer[end] < 0xc0) end--;
  return `${buffer.subarray(0, end).toString('utf8')}...`;
}

/** Control characters would take six bytes each in JSON. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
