import { CopyResults, Sample, Scenario } from './results';
import { verdicts } from './targets';
import { markdownTable } from '../page';
import { spreadOf } from '../spread';

const SCENARIOS: readonly { readonly scenario: Scenario; readonly title: string }[] = [
  { scenario: 'same registry', title: 'Into another repository of the same registry' },
  { scenario: 'other registry', title: 'Into another registry' },
  { scenario: 'unchanged image', title: 'The image is there already' },
  { scenario: 'one changed layer', title: 'All but one layer of 1 MB is there already' },
  { scenario: 'one 2 GiB layer', title: 'One layer of 2 GiB into another registry' },
];

/** The generated part of the page. */
export function report(results: CopyResults): string {
  return [
    conditionsOf(results),
    '### Targets',
    targets(results),
    '### Time by size',
    '![Wall time over image size, for each tool](benchmarks/copy.svg)',
    'Points are medians, upright lines go from the fastest to the slowest run. Less is better.',
    ...SCENARIOS.flatMap(({ scenario, title }) => section(title, results.samples.filter(sample => sample.scenario === scenario))),
    '### From the start of the process to the first byte at the registry',
    '![Time from the start of the process to the first byte, for each tool](benchmarks/start.svg)',
    firstRequests(results),
    '### Code of the Lambda function',
    markdownTable(['tool', 'KB', 'KB zipped'], results.assets.map(({ tool, bytes, zippedBytes }) => [tool, kilobytes(bytes), kilobytes(zippedBytes)])),
  ].join('\n\n');
}

function conditionsOf({ conditions: { date, commit, machine, cores, memoryGigabytes, loadBefore, runs, versions, minutes, network = 'plain http' } }: CopyResults): string {
  return [
    `Measured on ${date} at commit ${commit}, in ${minutes} minutes.`,
    '',
    markdownTable(['condition', ''], [
      ['machine', `${machine}, ${cores} cores, ${memoryGigabytes} GB of memory, load of ${loadBefore} before`],
      ['network and storage', `${network} on loopback; the storage of the registries is in memory`],
      ['repetitions', `${runs}, all tools in turn in each`],
      ...Object.entries(versions),
    ], 2),
  ].join('\n');
}

function targets(results: CopyResults): string {
  const rows = verdicts(results).map(({ target, measured, reached }) => [target, measured, reached === undefined ? '' : reached ? 'reached' : '**not reached**']);
  return markdownTable(['target', 'measured', ''], rows, 3);
}

function section(title: string, samples: readonly Sample[]): string[] {
  if (samples.length === 0) return [];
  const head = ['image', 'tool', 'n', 'wall s', 'min to max', 'CPU s', 'peak RSS MB', 'MB on the wire', 'requests', 'blobs read', 'written', 'mounted'];
  return [`### ${title}`, markdownTable(head, groups(samples).map(row), 2)];
}

function row(group: readonly Sample[]): string[] {
  const [{ megabytes, layers, tool }] = group;
  const of = (figure: (sample: Sample) => number) => spreadOf(group.map(figure));
  const wall = of(sample => sample.wallSeconds);
  return [
    `${megabytes} MB, ${layers} ${layers === 1 ? 'layer' : 'layers'}`,
    tool,
    String(wall.n),
    seconds(wall.median),
    `${seconds(wall.min)} to ${seconds(wall.max)}`,
    seconds(of(sample => sample.cpuSeconds).median),
    megabytesOf(of(sample => sample.peakRssBytes).median, 0),
    // Other traffic over loopback can only increase the number.
    megabytesOf(of(sample => sample.wireBytes).min, 2),
    ...[of(sample => sample.requests), of(sample => sample.blobsRead), of(sample => sample.blobsWritten), of(sample => sample.blobsMounted)]
      .map(({ min, max }) => min === max ? String(min) : `${min} to ${max}`),
  ];
}

function firstRequests({ firstRequests: all }: CopyResults): string {
  return markdownTable(['tool', 'n', 'median ms', 'min to max'], all.map(({ tool, milliseconds }) => {
    const { n, median, min, max } = spreadOf(milliseconds);
    return [tool, String(n), median.toFixed(0), `${min.toFixed(0)} to ${max.toFixed(0)}`];
  }));
}

/** Samples grouped by image and tool, in the order of their first appearance by size. */
function groups(samples: readonly Sample[]): Sample[][] {
  const found = new Map<string, Sample[]>();
  for (const sample of samples.filter(({ repetition }) => repetition === 1).concat(samples.filter(({ repetition }) => repetition > 1))) {
    const key = `${sample.megabytes} ${sample.tool}`;
    found.set(key, [...found.get(key) ?? [], sample]);
  }
  return [...found.values()];
}

function seconds(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function megabytesOf(bytes: number, digits: number): string {
  return (bytes / 1e6).toFixed(digits);
}

function kilobytes(bytes: number): string {
  return (bytes / 1e3).toFixed(1);
}
