import { CfnElement, Stack } from 'aws-cdk-lib';
import { isObject } from './check-types';

/**
 * What stands between something and what it waits for, both included: CloudFormation creates each after the next one. Undefined where it does not
 * wait for that. Known at the end of synthesis, within one stack.
 */
export function waitsFor(element: CfnElement, goal: CfnElement): CfnElement[] | undefined {
  const stack = Stack.of(element);
  const elements = new Map(stack.node.findAll().filter(CfnElement.isCfnElement).filter(each => Stack.of(each) === stack)
    .map(each => [stack.getLogicalId(each), each] as const));
  const ways = [[element]];
  const seen = new Set<CfnElement>();
  for (const way of ways) {
    for (const id of namedIn(stack.resolve(way[way.length - 1]._toCloudFormation()))) {
      const next = elements.get(id);
      if (next === goal) {
        return [...way, goal];
      }
      if (next !== undefined && !seen.has(next)) {
        seen.add(next);
        ways.push([...way, next]);
      }
    }
  }
  return undefined;
}

/** The logical ids that a part of a template names. */
function namedIn(part: unknown): string[] {
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
