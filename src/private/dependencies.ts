import { Dependable, IConstruct, IDependable } from 'constructs';
import { reject } from './validation';

/** Adds dependencies to a construct. Rejects other values, for which CDK would throw a TypeError at synthesis. */
export function addDependencies(scope: IConstruct, waiting: IConstruct, dependencies: IDependable[]): void {
  dependencies.forEach((dependency, index) => {
    if (!isDependable(dependency)) {
      reject(scope, {
        property: `dependencies[${index}]`, must: 'be a construct or another IDependable', got: dependency,
        fix: 'Pass the construct to deploy first, e.g. a database.',
      });
    }
  });
  waiting.node.addDependency(...dependencies);
}

function isDependable(value: unknown): boolean {
  try {
    return Dependable.of(value as IDependable) !== undefined;
  } catch {
    return false;
  }
}
