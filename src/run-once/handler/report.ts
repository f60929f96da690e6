import { truncateUtf8 } from '../../custom-resource/text';

/** The longest reason, in bytes: with what else is in the answer less than the 4096 that CloudFormation reads. */
export const REASON_BYTES = 3000;

const SENTENCE_BYTES = 1500;
const LINE_BYTES = 600;

/** What failed, and as many of the last lines of its log as fit: the last one is the one that matters. */
export function reportOf(reasons: readonly string[], log: { readonly where: string; readonly lines: readonly string[] } | undefined): string {
  const head = fitting(`the task failed: ${reasons.join('; ')}`, SENTENCE_BYTES);
  if (log === undefined) return head;
  if (log.lines.length === 0) return fitting(`${head}. Its log is empty (${log.where})`, REASON_BYTES);
  const intro = `${head}. Its last log lines (all are in ${log.where}): `;
  let left = REASON_BYTES - size(intro) - size(' | ...');
  const told: string[] = [];
  for (const line of [...log.lines].reverse()) {
    const cut = fitting(line, Math.min(LINE_BYTES, left));
    left -= size(` | ${cut}`);
    if (left < 0) break;
    told.unshift(cut);
  }
  return intro + [...told.length < log.lines.length ? ['...'] : [], ...told].join(' | ');
}

/** Cut until it fits as it is written in JSON, where a quotation mark takes two bytes. */
function fitting(text: string, bytes: number): string {
  let cut = text;
  for (let most = bytes; size(cut) > bytes && most > 3; most -= Math.max(1, size(cut) - bytes)) cut = truncateUtf8(text, most);
  return cut;
}

/** As long as it gets in JSON. */
function size(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
