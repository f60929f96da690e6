import { CopyResults, OURS, PEER, Sample, Scenario } from './results';
import { spreadOf } from '../spread';

/** A target, and its measured value. */
export interface Verdict {
  readonly target: string;
  readonly measured: string;
  /** `undefined` if the series did not measure it. */
  readonly reached?: boolean;
}

const REQUESTS_BESIDES_LAYERS = 5;
const TIMES_FASTER = 35;
const MAX_CPU_RATIO = 1.25;
const MAX_WALL_RATIO = 1.1;
const LARGE = 2000;
const SMALL = 5;
const MAX_RSS = 120_000_000;
const MAX_RSS_SINGLE = 150_000_000;
const MAX_ASSET = 40_000;

/** Compares the results with the targets. */
export function verdicts(results: CopyResults): Verdict[] {
  const of = (tool: string, scenario: Scenario, megabytes?: number) => results.samples.filter(sample =>
    sample.tool === tool && sample.scenario === scenario && (megabytes === undefined || sample.megabytes === megabytes));
  const sizes = [...new Set(of(OURS, 'other registry').map(({ megabytes }) => megabytes))];
  return [
    ...sameRegistry(of(OURS, 'same registry')),
    faster(of(OURS, 'same registry', LARGE), of(PEER, 'same registry', LARGE)),
    notSlower(of(OURS, 'same registry', SMALL), of(PEER, 'same registry', SMALL)),
    ...sizes.flatMap(megabytes => otherRegistry(megabytes, of(OURS, 'other registry', megabytes), of(PEER, 'other registry', megabytes))),
    memory('other registry, 2 GB: peak memory at most 120 MB', of(OURS, 'other registry', LARGE), rss => rss <= MAX_RSS),
    memory('one layer of 2 GiB: peak memory below 150 MB', of(OURS, 'one 2 GiB layer'), rss => rss < MAX_RSS_SINGLE),
    unchanged(of(OURS, 'unchanged image')),
    oneLayer(of(OURS, 'one changed layer')),
    firstRequest(results),
    asset(results),
  ];
}

function verdict(target: string, needed: readonly (readonly Sample[])[], judge: () => Omit<Verdict, 'target'>): Verdict {
  return needed.some(samples => samples.length === 0) ? { target, measured: 'not measured' } : { target, ...judge() };
}

function sameRegistry(ours: readonly Sample[]): Verdict[] {
  const moved = Math.max(...ours.map(({ blobsRead, blobsWritten }) => blobsRead + blobsWritten));
  const excess = ours.map(({ requests, layers }) => requests - layers);
  return [
    verdict('same registry: no layer is read or written', [ours], () => ({
      measured: `${moved} blobs moved, ${(leastWire(ours) / 1000).toFixed(0)} KB on the wire`, reached: moved === 0,
    })),
    verdict(`same registry: at most layers + ${REQUESTS_BESIDES_LAYERS} requests`, [ours], () => ({
      measured: `layers + ${Math.max(...excess)}`, reached: excess.every(more => more <= REQUESTS_BESIDES_LAYERS),
    })),
  ];
}

function faster(ours: readonly Sample[], peers: readonly Sample[]): Verdict {
  return verdict(`same registry, 2 GB: at least ${TIMES_FASTER} times faster than ${PEER}`, [ours, peers], () => {
    const [own, peer] = [ours, peers].map(wall);
    return { measured: `${own.toFixed(2)} s against ${peer.toFixed(2)} s: ${(peer / own).toFixed(1)} times`, reached: peer / own >= TIMES_FASTER };
  });
}

function notSlower(ours: readonly Sample[], peers: readonly Sample[]): Verdict {
  return verdict(`same registry, 5 MB: not slower than ${PEER}`, [ours, peers], () => {
    const [own, peer] = [ours, peers].map(wall);
    return { measured: `${own.toFixed(3)} s against ${peer.toFixed(3)} s`, reached: own <= peer };
  });
}

function otherRegistry(megabytes: number, ours: readonly Sample[], peers: readonly Sample[]): Verdict[] {
  const ratioOf = (figure: (sample: Sample) => number) => {
    const [own, peer] = [ours, peers].map(samples => spreadOf(samples.map(figure)).median);
    return { measured: `${own.toFixed(2)} s against ${peer.toFixed(2)} s: ${(own / peer).toFixed(2)} times`, ratio: own / peer };
  };
  return [
    verdict(`other registry, ${megabytes} MB: CPU time at most ${MAX_CPU_RATIO} times that of ${PEER}`, [ours, peers], () => {
      const { measured, ratio } = ratioOf(({ cpuSeconds }) => cpuSeconds);
      return { measured, reached: ratio <= MAX_CPU_RATIO };
    }),
    verdict(`other registry, ${megabytes} MB: wall time at most ${MAX_WALL_RATIO} times that of ${PEER}`, [ours, peers], () => {
      const { measured, ratio } = ratioOf(({ wallSeconds }) => wallSeconds);
      return { measured, reached: ratio <= MAX_WALL_RATIO };
    }),
  ];
}

function memory(target: string, ours: readonly Sample[], judge: (rss: number) => boolean): Verdict {
  return verdict(target, [ours], () => {
    const most = Math.max(...ours.map(({ peakRssBytes }) => peakRssBytes));
    return { measured: `at most ${(most / 1e6).toFixed(0)} MB`, reached: judge(most) };
  });
}

function unchanged(ours: readonly Sample[]): Verdict {
  return verdict('unchanged image: 2 requests', [ours], () => {
    const requests = Math.max(...ours.map(sample => sample.requests));
    return { measured: `${requests} requests`, reached: requests === 2 };
  });
}

function oneLayer(ours: readonly Sample[]): Verdict {
  return verdict('one changed layer of 1 MB: this layer, the config that names it, and manifests', [ours], () => {
    const most = Math.max(...ours.map(({ blobsRead, blobsWritten }) => Math.max(blobsRead, blobsWritten)));
    return { measured: `${most} blobs, ${(leastWire(ours) / 1e6).toFixed(2)} MB on the wire (read and written)`, reached: most === 2 };
  });
}

function firstRequest({ firstRequests }: CopyResults): Verdict {
  const [own, peer] = [OURS, PEER].map(name => spreadOf(firstRequests.find(({ tool }) => tool === name)?.milliseconds ?? []).median);
  return {
    target: `from start to first request: at most as long as ${PEER}`,
    measured: `${own.toFixed(0)} ms where it takes ${peer.toFixed(0)} ms`,
    reached: own <= peer,
  };
}

function asset({ assets }: CopyResults): Verdict {
  const bytes = assets.find(({ tool }) => tool === OURS)?.zippedBytes ?? NaN;
  return { target: 'code of the function: at most 40 KB zipped', measured: `${(bytes / 1000).toFixed(1)} KB`, reached: bytes <= MAX_ASSET };
}

function wall(samples: readonly Sample[]): number {
  return spreadOf(samples.map(({ wallSeconds }) => wallSeconds)).median;
}

/** The bytes of the smallest run of the largest image, because other traffic on the machine can only add. */
function leastWire(samples: readonly Sample[]): number {
  const largest = Math.max(...samples.map(({ megabytes }) => megabytes));
  return Math.min(...samples.filter(({ megabytes }) => megabytes === largest).map(({ wireBytes }) => wireBytes));
}
