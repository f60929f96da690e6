import { REPLACEMENT_PROPERTIES } from './replacement-properties';

// This folder imports nothing from aws-cdk-lib, so that the command starts without it.

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Values;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly Metadata?: { readonly 'aws:cdk:path'?: string; readonly 'aws:asset:path'?: string };
}

/** The properties of a resource. */
export interface Values { readonly [name: string]: unknown }

/** An output of a template. */
export interface Output {
  readonly Value?: unknown;
  readonly Export?: unknown;
}

/** The sections of a template that the check reads. */
export interface Template {
  readonly Parameters?: { readonly [name: string]: { readonly Default?: unknown } };
  readonly Resources: { readonly [id: string]: Resource };
  readonly Outputs?: { readonly [id: string]: Output };
}

/** A resource and its logical ID. */
export interface Identified extends Resource {
  readonly id: string;
}

/** Removes the prototype of the resources, because a resource can have the logical ID `constructor`. */
function withoutPrototype(template: Template): Template {
  return { ...template, Resources: Object.assign(Object.create(null), template.Resources) };
}

/** The deployed and the new template, and the resources that CloudFormation creates, replaces and deletes. */
export class Comparison {
  /** The properties that cause a replacement, by logical ID of the resource. */
  public readonly replaced: ReadonlyMap<string, readonly string[]>;
  /** The properties that may cause a replacement, by logical ID of the resource. */
  public readonly mayBeReplaced: ReadonlyMap<string, readonly string[]>;
  public readonly created: readonly Identified[];
  public readonly deleted: readonly Identified[];

  public readonly before: Template;
  public readonly after: Template;

  constructor(deployed: Template, synthesized: Template) {
    const [before, after] = [deployed, synthesized].map(withoutPrototype);
    this.before = before;
    this.after = after;
    const inBoth = Object.keys(before.Resources).filter(id => id in after.Resources && before.Resources[id].Type === after.Resources[id].Type);
    this.created = identified(after).filter(({ id }) => !(id in before.Resources));
    this.deleted = identified(before).filter(({ id }) => !(id in after.Resources));
    const replaced = new Map<string, readonly string[]>();
    const mayBeReplaced = new Map<string, readonly string[]>();
    // Repeated, because references to a replaced resource change too.
    for (let size = -1; size !== replaced.size;) {
      size = replaced.size;
      for (const id of inBoth) {
        const { certain, possible } = this.changed(id, replaced);
        if (certain.length > 0) replaced.set(id, certain);
        if (possible.length > 0) mayBeReplaced.set(id, possible);
      }
    }
    this.replaced = replaced;
    this.mayBeReplaced = mayBeReplaced;
  }

  /** The resources of a type that are kept, each in both versions. */
  public kept(type: string): { readonly before: Identified; readonly after: Identified }[] {
    return identified(this.before).filter(({ id, Type }) => Type === type && this.stays(id))
      .map(before => ({ before, after: { id: before.id, ...this.after.Resources[before.id] } }));
  }

  /** Whether the resource with this logical ID is neither deleted nor replaced. */
  public stays(id: string): boolean {
    return this.before.Resources[id] !== undefined && this.before.Resources[id].Type === this.after.Resources[id]?.Type && !this.replaced.has(id);
  }

  /** Whether a value has the same meaning in both templates, because it refers only to resources that are kept. */
  public means(value: unknown): boolean {
    return referencesIn(value).every(id => !(id in this.before.Resources || id in this.after.Resources) || this.stays(id));
  }

  /** Whether one resource of the new template is deployed after another one. */
  public isAfter(later: string, earlier: string, seen = new Set<string>()): boolean {
    if (seen.has(later)) return false;
    seen.add(later);
    const { [later]: resource } = this.after.Resources;
    if (resource === undefined) return false;
    const next = [...listOf(resource.DependsOn), ...referencesIn(resource.Properties)];
    return next.some(id => id === earlier || this.isAfter(id, earlier, seen));
  }

  private changed(id: string, replaced: ReadonlyMap<string, unknown>): { certain: string[]; possible: string[] } {
    const [old, now] = [this.before, this.after].map(({ Resources }) => Resources[id].Properties ?? {});
    const names = REPLACEMENT_PROPERTIES[this.after.Resources[id].Type]?.split(' ') ?? [];
    const changed = names.filter(each => {
      const name = each.replace('?', '');
      return !isSame(old[name], now[name]) || referencesIn(now[name]).some(other => replaced.has(other));
    });
    return { certain: changed.filter(name => !name.endsWith('?')), possible: changed.flatMap(name => name.endsWith('?') ? [name.slice(0, -1)] : []) };
  }
}

/** All resources of a template with their IDs. */
export function identified({ Resources }: Template): Identified[] {
  return Object.entries(Resources).map(([id, resource]) => ({ id, ...resource }));
}

/** Whether two values are equal, regardless of the order of keys. */
export function isSame(one: unknown, other: unknown): boolean {
  return textOf(one) === textOf(other);
}

/** Formats a value as JSON with sorted keys. CloudFormation converts scalars to the type of their property, so "80" and 80 have the same text. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (isObject(each)) return Object.fromEntries(Object.entries(each).sort(([a], [b]) => a < b ? -1 : 1));
    if (each === 'true' || each === 'false') return each === 'true';
    return typeof each === 'string' && each === String(Number(each)) && Number.isFinite(Number(each)) ? Number(each) : each;
  }) ?? '';
}

/** The logical IDs that a value refers to. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isObject(value)) return [];
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = value;
  const [target] = Array.isArray(attribute) ? attribute as unknown[] : typeof attribute === 'string' ? attribute.split('.') : [];
  const template: unknown = Array.isArray(text) ? text[0] : text;
  const inText = typeof template === 'string' ? [...template.matchAll(/\$\{([^!.}]+)/g)].map(([, id]) => id) : [];
  return [ref, target, ...inText].filter(each => typeof each === 'string').concat(Object.values(value).flatMap(referencesIn));
}

/** Whether a value is an object, and neither `null` nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a list unchanged, a single value as a list with one item, and `undefined` as an empty list. */
export function listOf<Item>(value: Item | readonly Item[] | undefined): readonly Item[] {
  return value === undefined ? [] : Array.isArray(value) ? value as readonly Item[] : [value as Item];
}

/** The path of the construct of a resource, or its logical ID. */
export function nameOf({ id, Metadata }: Identified): string {
  const path = Metadata?.['aws:cdk:path'];
  return path === undefined ? id : `${id} (${path})`;
}
