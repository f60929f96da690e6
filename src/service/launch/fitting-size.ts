import { IConstruct } from 'constructs';
import { cpuOf, isLess, memoryOf } from './container-needs';
import { FargateSize } from './fargate-size';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';
import { ContainerOptions } from '../containers/container-options';

/** The size that was asked for, if the containers fit into it; else the cheapest into which they fit. */
export function fittingSize(scope: IConstruct, containers: ContainerOptions[], wanted?: FargateSize): FargateSize {
  const cpu = cpuOf(containers);
  const memory = memoryOf(containers);
  const cheapest = FargateSize._cheapest(cpu, memory);
  if (!cheapest) {
    return reject(scope, {
      property: 'containers',
      must: 'fit into the largest Fargate task, 32768 CPU units with 249856 MiB',
      got: `${cpu} CPU units with ${memory} MiB`,
      cure: 'Give the containers less, or spread them over several services.',
    });
  }
  if (wanted !== undefined && !hasMethods(wanted, '_check')) {
    reject(scope, { property: 'size', must: 'be a FargateSize', got: wanted, cure: `Use FargateSize.of(${cheapest.cpu}, ${cheapest.memoryLimitMiB}), or leave it out.` });
  }
  wanted?._check(scope);
  if (wanted && (isLess(wanted.cpu, cpu) || isLess(wanted.memoryLimitMiB, memory))) {
    reject(scope, {
      property: 'size',
      must: `hold what its containers need together, ${cpu} CPU units with ${memory} MiB`,
      got: wanted.toString(),
      cure: `Use FargateSize.of(${cheapest.cpu}, ${cheapest.memoryLimitMiB}), or leave 'size' out.`,
    });
  }
  return wanted ?? cheapest;
}
