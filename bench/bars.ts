import { Spread } from './spread';

/** A bar: its median, and the spread of the runs. */
export interface Bar extends Pick<Spread, 'median' | 'min' | 'max'> {
  readonly label: string;
  /** Whether it shows this library. */
  readonly isOurs: boolean;
}

const WIDTH = 920;
const LABELS = 330;
const ROW = 30;
const TOP = 46;
const VALUES = 110;

/** Horizontal bars of medians, with lines from minimum to maximum. Shorter is better. */
export function bars(title: string, unit: string, all: readonly Bar[]): string {
  const most = Math.max(...all.map(({ max }) => max));
  const x = (value: number) => LABELS + value / most * (WIDTH - LABELS - VALUES);
  const height = TOP + all.length * ROW + 12;
  const rows = all.map(({ label, isOurs, median, min, max }, index) => {
    const y = TOP + index * ROW;
    const middle = y + ROW / 2;
    return [
      `<text x="${LABELS - 10}" y="${middle + 4.5}" text-anchor="end">${escaped(label)}</text>`,
      `<rect class="${isOurs ? 'ours' : 'other'}" x="${LABELS}" y="${y + 5}" width="${(x(median) - LABELS).toFixed(1)}" height="${ROW - 10}"/>`,
      `<path class="range" d="M${x(min).toFixed(1)},${middle}H${x(max).toFixed(1)}"/>`,
      `<text x="${(x(max) + 8).toFixed(1)}" y="${middle + 4.5}">${short(median)} ${unit}</text>`,
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}; less is better</title>`,
    '<style>.paper{fill:#fff}text{fill:#1f2328}.ours{fill:#0060a8}.other{fill:#8c959f}.range{stroke:#1f2328;stroke-width:1.5}'
      + '@media (prefers-color-scheme: dark){.paper{fill:#0d1117}text{fill:#e6edf3}.ours{fill:#58b4f0}.other{fill:#6e7681}.range{stroke:#e6edf3}}</style>',
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    `<text x="16" y="26" font-weight="600">${escaped(title)}</text>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function escaped(text: string): string {
  return text.replace(/[`*]/g, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
