import * as fs from 'fs';
import * as path from 'path';
import { CloudAssembly, CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';

// The rules of `cdk deploy --hotswap`, from evaluate-cloudformation-template.ts and hotswap/ in @aws-cdk/toolkit-lib.
const SERVICE = 'AWS::ECS::Service';
const TASK = 'AWS::ECS::TaskDefinition';
const EVALUATED = ['Ref', 'Fn::GetAtt', 'Fn::Join', 'Fn::Split', 'Fn::Select', 'Fn::Sub', 'Fn::ImportValue'];

interface Resource { readonly Type: string; readonly Properties?: { readonly [name: string]: unknown } }
interface CfnTemplate { readonly Resources?: { readonly [id: string]: Resource }; readonly Outputs?: object }

const REPLACEMENT = 'f'.repeat(64);

/** The reasons why the CLI cannot hotswap a stack after the files of all its images have changed. */
export function obstaclesToHotswap(stack: CloudFormationStackArtifact): string[] {
  const before = stack.template as CfnTemplate;
  const hashes = imageHashesOf(stack.assembly);
  const text = hashes.reduce((all, hash) => all.replaceAll(hash, REPLACEMENT).replaceAll(`pushed-${hash.slice(0, 20)}`, `pushed-${REPLACEMENT.slice(0, 20)}`), JSON.stringify(before));
  const after = JSON.parse(text) as CfnTemplate;
  return [
    ...differences(before.Outputs, after.Outputs).map(name => `output ${name}`),
    ...differences(before.Resources, after.Resources).flatMap(id => resourceObstacles(id, before, after)),
  ];
}

/** The hashes of all images that the CLI builds. */
function imageHashesOf(assembly: CloudAssembly): string[] {
  const manifests = Object.values(assembly.manifest.artifacts ?? {}).filter(({ type }) => type === 'cdk:asset-manifest');
  const files = manifests.map(({ properties }) => (properties as { file: string }).file);
  return files.flatMap(file => {
    const { dockerImages = {} } = JSON.parse(fs.readFileSync(path.join(assembly.directory, file), 'utf8'));
    return Object.keys(dockerImages).flatMap(key => /[a-f0-9]{64}/.exec(key) ?? []);
  });
}

function differences(before: object = {}, after: object = {}): string[] {
  const text = (value: object, key: string) => JSON.stringify(Reflect.get(value, key));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(key => text(before, key) !== text(after, key));
}

function resourceObstacles(id: string, before: CfnTemplate, { Resources: resources = {} }: CfnTemplate): string[] {
  const { Type: type, Properties: properties = {} } = resources[id];
  const changed = differences(before.Resources?.[id].Properties, properties);
  if (type === 'AWS::Lambda::Function') return changed.filter(name => name !== 'Code').map(name => `${id}.${name}`);
  if (type !== TASK) return [`${type} ${id}`];
  const users = Object.entries(resources).filter(([other, resource]) => other !== id && names(id, resource));
  return [
    ...changed.filter(name => name !== 'ContainerDefinitions').map(name => `${id}.${name}`),
    ...users.some(([, { Type }]) => Type === SERVICE) ? [] : [`no service runs ${id}`],
    ...users.filter(([, { Type }]) => Type !== SERVICE).map(([other, { Type }]) => `${Type} ${other} refers to ${id}`),
    ...unevaluated(properties, resources),
  ];
}

/** `DependsOn` counts too. */
function names(id: string, value: unknown): boolean {
  if (value === null || typeof value !== 'object') return value === id;
  return Object.values(value).some(each => names(id, each));
}

/** The CloudFormation functions that the CLI cannot evaluate, and attributes of custom resources. */
function unevaluated(value: unknown, resources: { readonly [id: string]: Resource }): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, argument]: [string, unknown]) => {
    if (key.startsWith('Fn::') && !EVALUATED.includes(key)) return [key];
    if (key !== 'Fn::GetAtt') return unevaluated(argument, resources);
    const [id, attribute] = argument as [string, string];
    return resources[id].Type.startsWith('Custom::') ? [`${resources[id].Type} ${attribute}`] : [];
  });
}
