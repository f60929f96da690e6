import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

/** A template, with the fields that these tests read. */
export interface PlainTemplate {
  readonly Resources: { readonly [id: string]: PlainResource };
  readonly Outputs?: { readonly [id: string]: { readonly Value: unknown; readonly Export?: unknown } };
}

interface PlainResource {
  readonly Type: string;
  readonly Properties?: { readonly [name: string]: unknown };
  readonly DeletionPolicy?: string;
}

/** The changes that CloudFormation makes if one template is replaced by another one. */
export interface Effects {
  readonly replaced: string[];
  readonly deleted: string[];
  readonly created: string[];
  readonly kept: string[];
}

const CREATE_ONLY = new Map([...loadAwsServiceSpecSync().all('resource')].map(({ cloudFormationType, properties }) => [
  cloudFormationType, Object.entries(properties).filter(([, { causesReplacement = 'no' }]) => causesReplacement !== 'no').map(([name]) => name),
]));

/** The properties of a type whose change replaces the resource, by the AWS specification. */
export function createOnlyProperties(type: string): readonly string[] {
  return CREATE_ONLY.get(type) ?? [];
}

/**
 * Compares two templates like CloudFormation: a resource is replaced if a create-only property differs, or refers to a replaced resource.
 * Types that the AWS specification lacks, such as custom resources, never count as replaced.
 */
export function effectsOf(before: PlainTemplate, after: PlainTemplate): Effects {
  const replaced = new Set<string>();
  const inBoth = Object.keys(before.Resources).filter(id => id in after.Resources);
  for (let count = -1; count !== replaced.size;) {
    count = replaced.size;
    for (const id of inBoth) {
      const [old, now] = [before.Resources[id], after.Resources[id]];
      if (old.Type !== now.Type) throw new Error(`${id}: CloudFormation cannot change a resource of type ${old.Type} to ${now.Type}`);
      const differs = createOnlyProperties(old.Type).some(name => {
        const [one, other] = [old.Properties?.[name], now.Properties?.[name]].map(value => JSON.stringify(value) ?? 'nothing');
        return one !== other || [...replaced].some(other2 => refersTo(now.Properties?.[name], other2));
      });
      if (differs) replaced.add(id);
    }
  }
  return {
    replaced: [...replaced].sort(),
    deleted: Object.keys(before.Resources).filter(id => !(id in after.Resources)).sort(),
    created: Object.keys(after.Resources).filter(id => !(id in before.Resources)).sort(),
    kept: inBoth.filter(id => !replaced.has(id)).sort(),
  };
}

/** Whether a value contains a `Ref` or `Fn::GetAtt` of a resource. */
function refersTo(value: unknown, id: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { Ref, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
  return Ref === id || (Array.isArray(attribute) && attribute[0] === id) || Object.values(value).some(each => refersTo(each, id));
}
