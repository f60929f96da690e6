import { Row, Sample, SynthResults } from './results';
import { ratio, targets } from './targets';
import { Variant, VARIANTS } from './variants';
import { bars } from '../bars';
import { markdownTable } from '../page';
import { spreadOf } from '../spread';

const SHOWN = 50;

/** The chart of a series: apps with fifty services, or with the maximum of the series. */
export function synthChart({ rows }: SynthResults): string {
  const services = Math.max(...rows.map(row => row.services).filter(each => each <= SHOWN));
  return bars(`Synthesis of ${services} load-balanced services`, 's', inOrder(rows.filter(row => row.services === services)).map(({ variant: { title }, row: { samples } }) => ({
    label: title, isOurs: title.includes('ours'), ...spreadOf(samples.map(({ wallSeconds }) => wallSeconds)),
  })));
}

/** Conditions, targets and figures as Markdown. */
export function render({ conditions, rows }: SynthResults): string {
  const { versions, ...measured } = conditions;
  return [
    `Measured on ${measured.date} at ${measured.commit}: ${measured.machine}, ${measured.cores} cores, ${measured.memoryGigabytes} GB; `
      + `load ${measured.loadBefore} before the series, which took ${measured.minutes} minutes. `
      + `${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    ...conditions.loadBefore > conditions.cores / 2 ? ['**The machine was busy with other things: the wall times of this series say little.**'] : [],
    '![Time of the synthesis, for each app](benchmarks/synth.svg)',
    '## Targets',
    table(['target', 'found', 'reached'], targets(rows).map(({ promise, found, reached }) => [promise, found, reached ? 'yes' : '**no**'])),
    ...[...new Set(rows.map(({ services }) => services))].flatMap(services => {
      const same = inOrder(rows.filter(row => row.services === services));
      return [`## ${services} ${services === 1 ? 'service' : 'services'}`, times(same), sizes(same)];
    }),
  ].join('\n\n');
}

function inOrder(rows: readonly Row[]): { variant: Variant; row: Row }[] {
  return VARIANTS.flatMap(variant => rows.filter(row => row.variant === variant.id).map(row => ({ variant, row })));
}

function times(rows: readonly { variant: Variant; row: Row }[]): string {
  const head = ['app', 'n', 'wall s, median (min to max)', 'times L2', 'CPU s', 'times L2', 'load / construct / synth ms'];
  return table(head, rows.map(({ variant: { title, baseline }, row: { samples }, row }) => {
    const base = rows.find(({ variant }) => variant.id === baseline)?.row;
    const timesL2 = (what: keyof Sample) => base ? ratio(row, base, what).toFixed(2) : '';
    const middle = (what: keyof Sample, digits: number) => spreadOf(samples.map(sample => sample[what])).median.toFixed(digits);
    const { n, min, max } = spreadOf(samples.map(({ wallSeconds }) => wallSeconds));
    return [
      title, String(n),
      `${middle('wallSeconds', 2)} (${min.toFixed(2)} to ${max.toFixed(2)})`, timesL2('wallSeconds'),
      middle('cpuSeconds', 2), timesL2('cpuSeconds'),
      (['loadMilliseconds', 'constructMilliseconds', 'synthMilliseconds'] as const).map(phase => middle(phase, 0)).join(' / '),
    ];
  }));
}

function sizes(rows: readonly { variant: Variant; row: Row }[]): string {
  const head = [
    'app', 'resources', 'template kB', 'functions', 'roles', 'custom resources', 'state machines', 'build projects', 'file assets kB', 'deterministic',
  ];
  return table(head, rows.map(({ variant: { title }, row: { assembly, unstableFiles } }) => [
    title, `${assembly.resources}`, kilobytes(assembly.templateBytes), `${assembly.functions}`, `${assembly.roles}`, `${assembly.customResources}`,
    `${assembly.stateMachines}`, `${assembly.buildProjects}`, kilobytes(assembly.fileAssetBytes),
    unstableFiles.length === 0 ? 'yes' : `**no**: ${unstableFiles.length} files differ`,
  ]));
}

/** All columns are left-aligned texts. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable(head, rows, head.length);
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(bytes < 100_000 ? 1 : 0);
}
