import { IConstruct } from 'constructs';

/** The child with an id that may be a path: the construct tree writes its slashes like this. */
export function childOf(scope: IConstruct, id: string): IConstruct | undefined {
  return scope.node.tryFindChild(id.replace(/\//g, '--'));
}
