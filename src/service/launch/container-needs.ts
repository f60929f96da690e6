import { Token } from 'aws-cdk-lib';
import { ContainerOptions } from '../containers/container-options';

/** CPU units that are kept for containers, together. */
export function cpuOf(containers: ContainerOptions[]): number {
  return sumOf(containers.map(({ cpu }) => cpu));
}

/** MiB that containers may use, or have kept for them, together. */
export function memoryOf(containers: ContainerOptions[]): number {
  return sumOf(containers.map(({ memoryLimitMiB, memoryReservationMiB }) => memoryLimitMiB ?? memoryReservationMiB));
}

/** Whether a size is too small; one that is only known at deployment is not. */
export function isLess(value: number, than: number): boolean {
  return !Token.isUnresolved(value) && value < than;
}

/** What is only known at deployment counts as nothing. */
function sumOf(needs: (number | undefined)[]): number {
  return needs.reduce<number>((sum, need = 0) => Token.isUnresolved(need) ? sum : sum + need, 0);
}
