import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { FargateSize } from './fargate-size';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';
import { ContainerOptions } from '../containers/container-options';

/** The size that was asked for, if the containers fit into it; else the cheapest into which they fit. */
export function fittingSize(scope: IConstruct, containers: ContainerOptions[], wanted?: FargateSize): FargateSize {
  const cpu = sumOf(containers.map(container => container.cpu));
  const memory = sumOf(containers.map(container => container.memoryLimitMiB ?? container.memoryReservationMiB));
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

function isLess(value: number, than: number): boolean {
  return !Token.isUnresolved(value) && value < than;
}

/** The sum of one need over all containers; one that is only known at deployment counts as nothing. */
function sumOf(needs: (number | undefined)[]): number {
  return needs.map(need => need ?? 0).filter(need => !Token.isUnresolved(need)).reduce((sum, need) => sum + need, 0);
}
