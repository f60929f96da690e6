import { IConstruct } from 'constructs';
import { isTooSmall, TaskNeeds } from './container-needs';
import { FargateSize } from './fargate-size';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

/** The size that was asked for, if the containers fit into it; else the cheapest that has what they need. */
export function fittingSize(scope: IConstruct, { who, least, advised }: TaskNeeds, wanted?: FargateSize): FargateSize {
  const cheapest = FargateSize._cheapest(advised.cpu, advised.memoryLimitMiB) ?? FargateSize._cheapest(least.cpu, least.memoryLimitMiB);
  if (!cheapest) {
    return reject(scope, {
      property: 'containers',
      must: 'fit into the largest Fargate task, 32768 CPU units with 249856 MiB',
      got: `${least.cpu} CPU units with ${least.memoryLimitMiB} MiB`,
      fix: 'Give the containers less, or spread them over several services.',
    });
  }
  if (wanted !== undefined && !hasMethods(wanted, '_check')) {
    reject(scope, { property: 'size', must: 'be a FargateSize', got: wanted, fix: `Use FargateSize.of(${cheapest.cpu}, ${cheapest.memoryLimitMiB}), or leave it out.` });
  }
  wanted?._check(scope);
  if (wanted && isTooSmall(wanted, least)) {
    reject(scope, {
      property: 'size',
      must: `hold what ${who} need together, ${least.cpu} CPU units with ${least.memoryLimitMiB} MiB`,
      got: wanted.toString(),
      fix: `Use FargateSize.of(${cheapest.cpu}, ${cheapest.memoryLimitMiB}), or leave 'size' out.`,
    });
  }
  return wanted ?? cheapest;
}
