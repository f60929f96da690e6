import { isObject, isSame, listOf, nameOf, Resource, Template } from './comparison';
import { Finding, unknown } from './finding';

/** A stack: its template, and its nested stacks by logical ID. A nested stack whose template is not known is missing. */
export interface Stack {
  readonly template: Template;
  readonly nested: ReadonlyMap<string, Stack>;
}

/** The logical IDs of the nested stacks of a template. */
export function nestedIn({ Resources }: Template): string[] {
  return Object.entries(Resources).flatMap(([id, { Type }]) => Type === 'AWS::CloudFormation::Stack' ? [id] : []);
}

/** Both versions of a stack, each as one template. */
export interface Joined {
  readonly before: Template;
  readonly after: Template;
  /** One finding for each nested stack whose templates are not known. */
  readonly unread: readonly Finding[];
}

/**
 * Puts the resources of nested stacks into the template of their parent, with logical IDs such as `Nested/Table`. Then all rules apply to them, also
 * between stacks: a name that moves from one nested stack to another, an output that becomes a parameter of the next one.
 */
export function join(before: Stack, after: Stack): Joined {
  const unread: Finding[] = [];
  return { ...joinBoth(before, after, '', unread), unread };
}

function joinBoth(before: Stack, after: Stack, path: string, unread: Finding[]): Pick<Joined, 'before' | 'after'> {
  let result = { before: before.template, after: after.template };
  for (const id of new Set([...nestedIn(before.template), ...nestedIn(after.template)])) {
    const [was, is] = [before, after].map(({ template }) => nestedIn(template).includes(id) ? template.Resources[id] : undefined);
    const now = after.nested.get(id);
    // The CDK names a template by its hash.
    const old = before.nested.get(id) ?? (isSame(was?.Properties?.TemplateURL, is?.Properties?.TemplateURL) ? now : undefined);
    const missing = [...was !== undefined && old === undefined ? ['deployed'] : [], ...is !== undefined && now === undefined ? ['new'] : []];
    if (missing.length === 0) {
      const children = joinBoth(was === undefined ? EMPTY : old ?? EMPTY, is === undefined ? EMPTY : now ?? EMPTY, `${path}${id}/`, unread);
      result = {
        before: was === undefined ? result.before : withNested(result.before, id, children.before),
        after: is === undefined ? result.after : withNested(result.after, id, children.after),
      };
    } else if (is !== undefined) {
      unread.push(notCompared(is, `${path}${id}`, missing));
    }
  }
  return result;
}

const EMPTY: Stack = { template: { Resources: {} }, nested: new Map() };

function notCompared(resource: Resource, path: string, missing: readonly string[]): Finding {
  const name = nameOf({ ...resource, id: path });
  const fix = [
    ...missing.includes('deployed') ? [`Pass its deployed template: --nested ${path}=FILE.`] : [],
    ...missing.includes('new') ? ['Its new template is found by its metadata aws:asset:path, which "cdk synth" writes: use --app, without --no-asset-metadata.'] : [],
  ];
  return unknown(name, `is a nested stack that was not compared, because its ${missing.join(' and its ')} template is not known.`, fix.join(' '));
}

/** Replaces a nested stack by its resources. Its parameters become the values that the parent passes, and its outputs the values that they have. */
function withNested(parent: Template, id: string, child: Template): Template {
  const { [id]: nested, ...others } = parent.Resources;
  const { Parameters: passed } = nested.Properties ?? {};
  const inParent = (name: string) => `${id}/${name}`;
  const ofChild = (name: string): unknown => {
    if (Object.hasOwn(child.Resources, name) || OF_STACK.includes(name)) return { Ref: inParent(name) };
    if (isObject(passed) && Object.hasOwn(passed, name)) return passed[name];
    return own(child.Parameters, name)?.Default ?? { Ref: name };
  };
  const moved = (value: unknown): unknown => replaced(value, {
    ref: ofChild, attribute: (name, attribute) => ({ 'Fn::GetAtt': [inParent(name), attribute] }),
  });
  const linked = (value: unknown): unknown => replaced(value, {
    ref: name => ({ Ref: name }),
    attribute: (name, attribute) => {
      const output = name === id ? own(child.Outputs, String(attribute).replace(/^Outputs\./, '')) : undefined;
      return output === undefined ? { 'Fn::GetAtt': [name, attribute] } : moved(output.Value);
    },
  });
  const children = Object.entries(child.Resources).map(([name, resource]) => [inParent(name), {
    ...resource, Properties: moved(resource.Properties ?? {}), DependsOn: [...listOf(nested.DependsOn), ...listOf(resource.DependsOn).map(inParent)],
    // A nested stack that is retained keeps its resources.
    DeletionPolicy: nested.DeletionPolicy === 'Retain' ? 'Retain' : resource.DeletionPolicy,
  }] as const);
  const ids = children.map(([name]) => name);
  const rest = Object.entries(others).map(([name, resource]) => [name, {
    ...resource, Properties: linked(resource.Properties ?? {}),
    DependsOn: listOf(resource.DependsOn).flatMap(each => each === id ? ids : [each]),
  }] as const);
  return {
    ...parent,
    Resources: Object.fromEntries([...rest, ...children]) as Template['Resources'],
    Outputs: linked(parent.Outputs ?? {}) as Template['Outputs'],
  };
}

/** Pseudo parameters that differ between a stack and its nested stacks. */
const OF_STACK = ['AWS::StackName', 'AWS::StackId'];

interface References {
  readonly ref: (name: string) => unknown;
  readonly attribute: (name: string, attribute: unknown) => unknown;
}

/** Replaces each reference in a value. */
function replaced(value: unknown, by: References): unknown {
  if (Array.isArray(value)) return value.map(each => replaced(each, by));
  if (!isObject(value)) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute } = value;
  if (typeof ref === 'string') return by.ref(ref);
  if (Array.isArray(attribute)) return by.attribute(String(attribute[0]), attribute[1]);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each, by)]));
}

function own<Value>(object: { readonly [name: string]: Value } | undefined, name: string): Value | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}
