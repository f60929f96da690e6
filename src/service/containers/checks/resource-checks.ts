import { Token } from 'aws-cdk-lib';
import { Ulimit, UlimitName } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkMebibytes } from './size-checks';
import { checkSystemControls } from './system-control-checks';
import { checkList, checkObject, checkOneOf } from '../../../private/check-types';
import { checkInteger, reject } from '../../../private/validation';
import type { ContainerOptions } from '../container-options';

const UNLIMITED = -1;

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
export function checkResources(scope: IConstruct, container: string, options: ContainerOptions): void {
  const { memoryLimitMiB, memoryReservationMiB, cpu } = options;
  const whole = (key: 'memoryLimitMiB' | 'memoryReservationMiB' | 'cpu', min: number, fix: string) => {
    const value = options[key];
    if (value !== undefined) {
      checkInteger(scope, { property: `${container}.${key}`, value, min, fix });
    }
  };
  whole('memoryLimitMiB', 6, 'Docker starts no container with less than 6 MiB.');
  whole('memoryReservationMiB', 6, 'Docker starts no container with less than 6 MiB.');
  whole('cpu', 0, 'Give CPU units, 1024 for one virtual CPU, or leave it out.');
  const known = [memoryLimitMiB, memoryReservationMiB, cpu].every(value => !Token.isUnresolved(value));
  if (known && memoryLimitMiB !== undefined && memoryReservationMiB !== undefined && memoryReservationMiB > memoryLimitMiB) {
    reject(scope, {
      property: `${container}.memoryReservationMiB`, must: `be at most the limit of ${memoryLimitMiB} MiB`, got: memoryReservationMiB,
      fix: 'Reserve less, or raise memoryLimitMiB.',
    });
  }
  checkMebibytes(scope, `${container}.sharedMemorySize`, options.sharedMemorySize);
  checkUlimits(scope, `${container}.ulimits`, options.ulimits);
  checkSystemControls(scope, `${container}.systemControls`, options.systemControls);
}

function checkUlimits(scope: IConstruct, property: string, ulimits: Ulimit[] = []): void {
  const fix = 'Write ulimits: [{ name: ecs.UlimitName.NOFILE, softLimit: 65535, hardLimit: 65535 }], or leave it out.';
  checkList(scope, property, ulimits, fix);
  ulimits.forEach((ulimit, index) => {
    checkObject(scope, property, ulimit, fix);
    const { name, softLimit, hardLimit } = ulimit;
    checkOneOf(scope, name, Object.values(UlimitName), { property, must: 'have names of ecs.UlimitName', fix });
    if (ulimits.findIndex(other => other.name === name) !== index) {
      reject(scope, { property, must: 'name each limit once', got: name, fix: 'Keep one of the two.' });
    }
    for (const [key, value] of [['softLimit', softLimit], ['hardLimit', hardLimit]] as const) {
      checkInteger(scope, { property: `${property}.${name}.${key}`, value, min: UNLIMITED, fix: 'Give a number, or -1 for no limit.' });
    }
    if (!Token.isUnresolved(softLimit) && !Token.isUnresolved(hardLimit) && above(softLimit, hardLimit)) {
      reject(scope, { property: `${property}.${name}.softLimit`, must: `be at most the hard limit of ${hardLimit}`, got: softLimit, fix: 'Raise the hard limit.' });
    }
  });
}

function above(soft: number, hard: number): boolean {
  return hard !== UNLIMITED && (soft === UNLIMITED || soft > hard);
}
