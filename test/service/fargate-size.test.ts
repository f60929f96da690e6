import * as fc from 'fast-check';
import { FargateSize } from '../../src';
import { needsOf } from '../../src/service/launch/task-needs';
import { fargateSizeOf } from '../../src/service/launch/task-size';
import { newStack } from '../helpers/stack';

// The sizes from the AWS documentation, written independently of the code: CPU units, then GiB.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
const range = (from: number, to: number, step: number) => Array.from({ length: (to - from) / step + 1 }, (_, i) => from + i * step);
const OFFERED: [number, number[]][] = [
  [256, [0.5, 1, 2]], [512, [1, 2, 3, 4]], [1024, [2, 3, 4, 5, 6, 7, 8]], [2048, range(4, 16, 1)], [4096, range(8, 30, 1)],
  [8192, range(16, 60, 4)], [16384, range(32, 120, 8)], [32768, [60, 120, 244]],
];
const offered = OFFERED.flatMap(([cpu, memory]) => memory.map(gib => ({ cpu, memoryLimitMiB: gib * 1024 })));
// US dollars per hour in us-east-1, x86: https://aws.amazon.com/fargate/pricing/
const price = ({ cpu, memoryLimitMiB }: { cpu: number; memoryLimitMiB: number }) => cpu / 1024 * 0.04048 + memoryLimitMiB / 1024 * 0.004445;
const gravitonPrice = ({ cpu, memoryLimitMiB }: { cpu: number; memoryLimitMiB: number }) => cpu / 1024 * 0.03238 + memoryLimitMiB / 1024 * 0.00356;

const stack = newStack();
const sizeFor = (cpu: number, memoryLimitMiB: number) => fargateSizeOf(stack, needsOf([{ image: { bind: () => ({ imageName: '' }) }, cpu, memoryLimitMiB }]));

test('containers that fit into Fargate get a size that holds them, and no other such size costs less', () => {
  const cpu = fc.integer({ min: 1, max: 32768 });
  const memory = fc.integer({ min: 6, max: 244 * 1024 });
  fc.assert(fc.property(cpu, memory, (needsCpu, needsMemory) => {
    const fitting = offered.filter(size => size.cpu >= needsCpu && size.memoryLimitMiB >= needsMemory);
    const cheapest = Math.min(...fitting.map(price));
    const { cpu: gotCpu, memoryLimitMiB } = sizeFor(needsCpu, needsMemory);
    expect(fitting).toContainEqual({ cpu: gotCpu, memoryLimitMiB });
    expect(price({ cpu: gotCpu, memoryLimitMiB })).toBeCloseTo(cheapest);
  }));
});

test('the cheapest size on x86 is also the cheapest on Graviton, which costs a fifth less', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 32768 }), fc.integer({ min: 6, max: 244 * 1024 }), (cpu, memory) => {
    const fitting = offered.filter(size => size.cpu >= cpu && size.memoryLimitMiB >= memory);
    const size = sizeFor(cpu, memory);
    expect(gravitonPrice(size)).toBeCloseTo(Math.min(...fitting.map(gravitonPrice)));
    expect(gravitonPrice(size) / price(size)).toBeCloseTo(0.8, 2);
  }));
});

test.each<[number, number, string]>([
  [32768, 200 * 1024, 'Use the nearest size, FargateSize.of(32768, 249856).'], [16384, 121 * 1024, 'Use the nearest size, FargateSize.of(32768, 249856).'],
  [8192, 18 * 1024, 'Use the nearest size, FargateSize.of(8192, 20480).'], [16384, 33 * 1024, 'Use the nearest size, FargateSize.of(16384, 40960).'],
  [2048, 4608, 'Use the nearest size, FargateSize.of(2048, 5120).'], [256, 1536, 'Use the nearest size, FargateSize.of(256, 2048).'],
  [0, 0, 'Use the nearest size, FargateSize.of(256, 512).'], [1, 244 * 1024, 'Use the nearest size, FargateSize.of(32768, 249856).'],
  [32768, 245 * 1024, 'Use at most the largest size, FargateSize.of(32768, 249856).'], [33_000, 512, 'Use at most the largest size, FargateSize.of(32768, 249856).'],
])('%p CPU units with %p MiB is rejected, and the message names a valid size', (cpu, memoryLimitMiB, fix) => {
  expect(() => fargateSizeOf(stack, needsOf([]), FargateSize.of(cpu, memoryLimitMiB))).toThrow(fix);
});

test('strings instead of numbers are reported', () => {
  expect(() => fargateSizeOf(stack, needsOf([]), FargateSize.of('256' as unknown as number, 512)))
    .toThrow("'size.cpu' must be a whole number, got \"256\". Use whole numbers, e.g. FargateSize.of(256, 512).");
});

test('exactly the sizes that Fargate offers are accepted', () => {
  for (const cpu of [128, ...OFFERED.map(([units]) => units), 65536]) {
    for (const memoryLimitMiB of [256, 512, ...range(1, 250, 1).map(gib => gib * 1024)]) {
      const wanted = () => fargateSizeOf(stack, needsOf([]), FargateSize.of(cpu, memoryLimitMiB));
      if (offered.some(size => size.cpu === cpu && size.memoryLimitMiB === memoryLimitMiB)) {
        expect(wanted).not.toThrow();
      } else {
        expect(wanted).toThrow("'size' must be a size that Fargate offers");
      }
    }
  }
});
