import { FAULTS, Fault, Offset } from '../helpers/fault-proxy-faults';
import { FaultRule } from '../helpers/fault-proxy-plan';
import { pick } from '../helpers/fault-proxy-random';
import { TestImage, image, index, layer } from '../helpers/registry-images';

/** An image to copy, its destination, and the faults on the way. */
export interface RandomCase {
  readonly image: TestImage;
  readonly oneRegistry: boolean;
  readonly rules: readonly FaultRule[];
}

const OFFSETS: readonly Offset[] = ['0', '1', '25%', '50%', '75%', 'n-1', 'n'];
const BROKEN_OFF = OFFSETS.flatMap(offset => (['request', 'answer'] as const).map((part): Fault => `reset at ${offset} of the ${part}`));
const ALL: readonly Fault[] = [...FAULTS, ...BROKEN_OFF];
const LARGEST = 64 * 1024;
// A copy of the largest of these images needs about eighty requests.
const REQUESTS = 80;

/** Up to three architectures of up to four layers, some of them shared, and up to four faults. */
export function randomCase(random: () => number): RandomCase {
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const shared = layer('shared', upTo(LARGEST));
  const one = (name: string) => image(name, [...(random() < 0.5 ? [shared] : []), ...Array.from({ length: upTo(3) }, (_, n) => layer(`${name} ${n}`, upTo(LARGEST)))]);
  const architectures = ['amd64', 'arm64', 's390x'].slice(0, 1 + upTo(2)).map(one);
  const rules = Array.from({ length: 1 + upTo(3) }, (): FaultRule => ({
    at: { number: 1 + upTo(REQUESTS - 1) }, fault: pick(ALL, random), times: pick([1, 1, 2, 3, Infinity], random),
  }));
  return { image: random() < 0.25 ? architectures[0] : index(architectures), oneRegistry: random() < 0.3, rules };
}
