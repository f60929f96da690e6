import { CfnElement, Stack } from 'aws-cdk-lib';
import { isObject } from './shape';

/**
 * The path from an element to one that it depends on, both included. CloudFormation creates each after the next one. Undefined if it does not depend
 * on it. Works at the end of synthesis, within one stack.
 */
export function waitsFor(element: CfnElement, goal: CfnElement): CfnElement[] | undefined {
  const stack = Stack.of(element);
  const elements = new Map(stack.node.findAll().filter(CfnElement.isCfnElement).filter(each => Stack.of(each) === stack)
    .map(each => [stack.getLogicalId(each), each] as const));
  const paths = [[element]];
  const seen = new Set<CfnElement>();
  for (const path of paths) {
    for (const id of namedIn(stack.resolve(path[path.length - 1]._toCloudFormation()))) {
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

/** The logical IDs that a part of a template refers to. */
export function namedIn(part: unknown): string[] {
  if (Array.isArray(part)) {
    return part.flatMap(namedIn);
  }
  return isObject(part) ? Object.entries(part).flatMap(([key, value]) => [...namedBy(key, value), ...namedIn(value)]) : [];
}

function namedBy(key: string, value: unknown): string[] {
  const [first] = [value].flat();
  switch (key) {
    case 'Ref': case 'DependsOn': return [value].flat().map(String);
    case 'Fn::GetAtt': return [String(first).split('.')[0]];
    case 'Fn::Sub': return Array.from(String(first).matchAll(/\$\{(\w+)/g), ([, id]) => id);
    default: return [];
  }
}
