import { CfnElement, Stack } from 'aws-cdk-lib';
import { isObject } from '../shape';

/**
 * The dependency path from one element to another, including both; undefined if there is none. CloudFormation creates each element after the next
 * one in the path. Call it at the end of synthesis. It does not leave the stack.
 */
export function waitsFor(element: CfnElement, goal: CfnElement): CfnElement[] | undefined {
  const stack = Stack.of(element);
  const elements = new Map(stack.node.findAll().filter(CfnElement.isCfnElement).filter(each => Stack.of(each) === stack)
    .map(each => [stack.getLogicalId(each), each] as const));
  const paths = [[element]];
  const seen = new Set<CfnElement>();
  for (const path of paths) {
    const { Resources = {} } = stack.resolve(path[path.length - 1]._toCloudFormation());
    for (const id of Object.values(Resources).flatMap(dependenciesOf)) {
      const next = elements.get(id);
      if (next === goal) {
        return [...path, goal];
      }
      if (next !== undefined && !seen.has(next)) {
        seen.add(next);
        paths.push([...path, next]);
      }
    }
  }
  return undefined;
}

/**
 * The logical IDs of the resources that a resource certainly depends on. References in only one outcome of a condition are left out, because the
 * opposite reference can be in the other outcome. Metadata causes no dependency.
 */
export function dependenciesOf(resource: unknown): string[] {
  const { DependsOn, Metadata: _, ...rest } = isObject(resource) ? resource : {};
  return [...[DependsOn].flat().filter(each => typeof each === 'string'), ...namedIn(rest)];
}

/** The logical IDs that a part of a template refers to, except in `Fn::If`. */
export function namedIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namedIn);
  if (!isObject(part)) return [];
  const entries = Object.entries(part);
  return entries.length === 1 ? namedBy(...entries[0]) : entries.flatMap(([, each]) => namedIn(each));
}

function namedBy(key: string, value: unknown): string[] {
  const [first, ...others] = [value].flat();
  switch (key) {
    case 'Ref':
    case 'Fn::GetAtt': return [String(first).split('.')[0], ...namedIn(others)];
    case 'Fn::If': return [];
    case 'Fn::Sub': {
      const variables = isObject(others[0]) ? others[0] : {};
      return [...Array.from(String(first).matchAll(/\$\{(\w+)/g), ([, id]) => id).filter(id => !Object.hasOwn(variables, id)), ...namedIn(variables)];
    }
    default: return namedIn(value);
  }
}
