import { readFileSync } from 'fs';
import * as path from 'path';
import { attachCustomSynthesis, CfnElement, Stack } from 'aws-cdk-lib';
import { Construct, Dependable, IConstruct, IDependable } from 'constructs';
import { namedIn } from './references';
import { reject, userError } from './validation';

interface Template {
  readonly Resources?: { readonly [logicalId: string]: unknown };
}

/**
 * Fails synthesis if resources of the stack of this construct depend on each other in a circle. CloudFormation would only report it at deployment, and
 * without the order.
 *
 * Reads the template after synthesis, because resolving all resources a second time would make synthesis about 20 percent slower.
 */
export function rejectCircularDependencies(scope: Construct): void {
  const stack = Stack.of(scope);
  const parent = stack.node.scope;
  // CDK synthesizes the constructs of one scope in the order of their creation, so the template exists when this construct is synthesized.
  const id = `${stack.node.id}CircularDependencies`;
  if (parent !== undefined && parent.node.tryFindChild(id) === undefined) {
    attachCustomSynthesis(new Construct(parent, id), { onSynthesize: ({ outdir }) => checkTemplate(stack, path.join(outdir, stack.templateFile)) });
  }
}

function checkTemplate(stack: Stack, file: string): void {
  const { Resources = {} } = JSON.parse(readFileSync(file, 'utf8')) as Template;
  const circle = circleIn(new Map(Object.entries(Resources).map(([id, resource]) => [id, namedIn(resource).filter(each => each in Resources)])));
  if (circle === undefined) return;
  const paths = new Map(stack.node.findAll().filter(CfnElement.isCfnElement).filter(each => Stack.of(each) === stack)
    .map(each => [stack.getLogicalId(each), each.node.path]));
  throw userError([
    `${stack.node.path}: 'dependencies' must not be circular, got ${paths.get(circle[0]) ?? circle[0]}`,
    ...circle.slice(1).map(id => `  which depends on ${paths.get(id) ?? id}`),
    'Remove one of these references. For a service or task, write executeAfter(dependency) instead of node.addDependency(dependency).',
  ].join('\n'));
}

type Graph = ReadonlyMap<string, readonly string[]>;

/** A short circle, from a node back to the same node; undefined if there is none. */
function circleIn(graph: Graph): string[] | undefined {
  const [first, ...others] = someCircle(graph).map(start => shortestWayBack(graph, start));
  return others.reduce((best, each) => each.length < best.length ? each : best, first);
}

/** The nodes of one circle; none if the graph has no circle. Uses no recursion, because chains can be longer than the call stack. */
function someCircle(graph: Graph): string[] {
  const done = new Set<string>();
  for (const start of graph.keys()) {
    const trail = new Map<string, number>();
    let current: string | undefined = start;
    while (current !== undefined && !done.has(current)) {
      const position: number = trail.get(current) ?? 0;
      const child: string | undefined = graph.get(current)?.[position];
      trail.set(current, position + 1);
      if (child === undefined) {
        done.add(current);
        trail.delete(current);
        current = [...trail.keys()].pop();
      } else if (trail.has(child)) {
        const ids = [...trail.keys()];
        return ids.slice(ids.indexOf(child));
      } else if (!done.has(child)) {
        current = child;
      }
    }
  }
  return [];
}

/** The shortest way from a node of a circle back to it. */
function shortestWayBack(graph: Graph, start: string): string[] {
  const ways = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way[way.length - 1]) ?? []) {
      if (next === start) return [...way, start];
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return [start];
}

/** Lets one construct wait for others. For a value that is no dependency, CDK would throw a TypeError at synthesis. */
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
