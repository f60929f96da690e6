import { Sample, Scenario } from './results';
import { spreadOf } from '../spread';

/** Colors for light and dark backgrounds that color-blind readers can distinguish, and a shape for each tool. */
const TOOLS = [
  { light: '#0060a8', dark: '#58b4f0', shape: 'M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0', width: 3 },
  { light: '#c04f00', dark: '#ff9d4d', shape: 'M-4,-4h8v8h-8z', width: 1.5 },
  { light: '#00795a', dark: '#3dd1a5', shape: 'M0,-5L5,4H-5z', width: 1.5 },
  { light: '#8f3f76', dark: '#e79ccd', shape: 'M0,-5.5L5.5,0L0,5.5L-5.5,0z', width: 1.5 },
  { light: '#6b5b00', dark: '#d9c04a', shape: 'M0,5L5,-4H-5z', width: 1.5 },
  { light: '#57606a', dark: '#9aa5b1', shape: 'M-5,-1.5H-1.5V-5H1.5V-1.5H5V1.5H1.5V5H-1.5V1.5H-5z', width: 1.5 },
] as const;
const PANELS: readonly Scenario[] = ['same registry', 'other registry'];
const LEGEND_COLUMNS = 4;
const WIDTH = 920;
const HEIGHT = 430;
const PANEL = { top: 78, bottom: 380, left: 62, width: 385, gap: 64 };

interface Tick {
  readonly at: number;
  readonly name: string;
}

/** Duration over image size, both logarithmic: one panel for each destination, one line for each tool. */
export function chart(samples: readonly Sample[]): string {
  const shown = samples.filter(({ scenario }) => PANELS.includes(scenario));
  const tools = [...new Set(shown.filter(({ repetition }) => repetition === 1).map(({ tool }) => tool))];
  const sizes = [...new Set(shown.map(({ megabytes }) => megabytes))].sort((a, b) => a - b);
  const ticks = ticksAround(shown.map(({ wallSeconds }) => wallSeconds));
  const [least, most] = [ticks[0], ticks[ticks.length - 1]];
  const y = (seconds: number) => PANEL.bottom - Math.log(seconds / least) / Math.log(most / least) * (PANEL.bottom - PANEL.top);
  const parts = PANELS.map((scenario, panel) => {
    const left = PANEL.left + panel * (PANEL.width + PANEL.gap);
    const span = Math.log10(sizes[sizes.length - 1] / sizes[0]) || 1;
    const x = (megabytes: number) => left + 25 + Math.log10(megabytes / sizes[0]) / span * (PANEL.width - 50);
    const lines = tools.map((tool, index) => line(index, sizes.flatMap(megabytes => {
      const times = shown.filter(sample => sample.scenario === scenario && sample.tool === tool && sample.megabytes === megabytes);
      if (times.length === 0) return [];
      const { median, min, max } = spreadOf(times.map(({ wallSeconds }) => wallSeconds));
      return [{ x: x(megabytes), median: y(median), min: y(min), max: y(max) }];
    })));
    const columns = sizes.map(megabytes => ({ at: x(megabytes), name: sizeName(megabytes) }));
    const rows = ticks.map(seconds => ({ at: y(seconds), name: `${seconds} s` }));
    return frame(left, scenario, columns, rows) + lines.join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    '<title>Wall time of a copy over image size, for each tool; less is better</title>',
    style(),
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    legend(tools),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function style(): string {
  const colours = (theme: 'light' | 'dark') => TOOLS.map((tool, index) => `.tool${index}{stroke:${tool[theme]}}.tool${index} .mark{fill:${tool[theme]}}`).join('');
  return [
    '<style>',
    '.paper{fill:#fff}text{fill:#1f2328}.grid{stroke:#d0d7de;fill:none}.line{fill:none}.mark{stroke:none}',
    colours('light'),
    `@media (prefers-color-scheme: dark){.paper{fill:#0d1117}text{fill:#e6edf3}.grid{stroke:#3d444d}${colours('dark')}}`,
    '</style>',
  ].join('');
}

function legend(tools: readonly string[]): string {
  const entries = tools.map((tool, index) => {
    const [x, y] = [PANEL.left + index % LEGEND_COLUMNS * 205, 14 + Math.floor(index / LEGEND_COLUMNS) * 20];
    const { shape, width } = TOOLS[index];
    return `<g class="tool${index}"><path class="line" stroke-width="${width}" d="M${x},${y}h28"/><path class="mark" transform="translate(${x + 14},${y})" d="${shape}"/></g>`
      + `<text x="${x + 36}" y="${y + 4.5}">${tool}</text>`;
  });
  return entries.join('');
}

function frame(left: number, scenario: Scenario, columns: readonly Tick[], rows: readonly Tick[]): string {
  const right = left + PANEL.width;
  const across = rows.map(({ at, name }) =>
    `<path class="grid" d="M${left},${at.toFixed(1)}H${right}"/><text x="${left - 8}" y="${(at + 4.5).toFixed(1)}" text-anchor="end">${name}</text>`);
  const upright = columns.map(({ at, name }) =>
    `<path class="grid" d="M${at.toFixed(1)},${PANEL.top}V${PANEL.bottom}"/><text x="${at.toFixed(1)}" y="${PANEL.bottom + 20}" text-anchor="middle">${name}</text>`);
  return `<text x="${left}" y="${PANEL.top - 14}" font-weight="600">Into ${scenario === 'same registry' ? 'the same' : 'another'} registry</text>`
    + across.join('') + upright.join('')
    + `<text x="${(left + right) / 2}" y="${PANEL.bottom + 40}" text-anchor="middle">image size (both axes logarithmic)</text>`;
}

/** 1, 2 or 5 times a power of ten, from below the minimum to above the maximum. */
function ticksAround(values: readonly number[]): number[] {
  const all = [-3, -2, -1, 0, 1, 2, 3].flatMap(power => [1, 2, 5].map(times => Number(`${times}e${power}`)));
  const from = all.filter(tick => tick <= Math.min(...values)).length - 1;
  const to = all.findIndex(tick => tick > Math.max(...values));
  return all.slice(Math.max(0, from), to < 0 ? undefined : to + 1);
}

function line(index: number, points: readonly { readonly x: number; readonly median: number; readonly min: number; readonly max: number }[]): string {
  const { shape, width } = TOOLS[index];
  const path = points.map(({ x, median }, order) => `${order === 0 ? 'M' : 'L'}${x.toFixed(1)},${median.toFixed(1)}`).join('');
  const ranges = points.map(({ x, min, max }) => `<path class="line" d="M${x.toFixed(1)},${min.toFixed(1)}V${max.toFixed(1)}"/>`);
  const marks = points.map(({ x, median }) => `<path class="mark" transform="translate(${x.toFixed(1)},${median.toFixed(1)})" d="${shape}"/>`);
  return `<g class="tool${index}"><path class="line" stroke-width="${width}" d="${path}"/>${ranges.join('')}${marks.join('')}</g>\n`;
}

function sizeName(megabytes: number): string {
  return megabytes < 1000 ? `${megabytes} MB` : `${megabytes / 1000} GB`;
}
