import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Assembly } from './results';

interface Template { readonly Resources?: { readonly [id: string]: { readonly Type: string } } }
interface AssetManifest {
  readonly files?: { readonly [id: string]: { readonly source: { readonly path: string } } };
  readonly dockerImages?: { readonly [id: string]: unknown };
}

/** Counts the content of a cloud assembly. */
export function countAssembly(outdir: string): Assembly {
  const names = readdirSync(outdir);
  const templates = names.filter(name => name.endsWith('.template.json'));
  const types = templates.flatMap(name => Object.values(read<Template>(outdir, name).Resources ?? {}).map(({ Type }) => Type));
  const manifests = names.filter(name => /\.(assets|images)\.json$/.test(name)).map(name => read<AssetManifest>(outdir, name));
  // Templates are uploaded too, and counted as such.
  const files = new Set(manifests
    .flatMap(({ files: all = {} }) => Object.values(all).map(({ source }) => source.path))
    .filter(file => !file.endsWith('.template.json')));
  const count = (wanted: (type: string) => boolean) => types.filter(wanted).length;
  return {
    resources: types.length,
    templateBytes: sum(templates.map(name => statSync(join(outdir, name)).size)),
    functions: count(type => type === 'AWS::Lambda::Function'),
    roles: count(type => type === 'AWS::IAM::Role'),
    customResources: count(type => type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource'),
    stateMachines: count(type => type === 'AWS::StepFunctions::StateMachine'),
    buildProjects: count(type => type === 'AWS::CodeBuild::Project'),
    images: sum(manifests.map(({ dockerImages = {} }) => Object.keys(dockerImages).length)),
    fileAssets: files.size,
    fileAssetBytes: sum([...files].map(file => bytesOf(join(outdir, file)))),
  };
}

/** A digest of every file of a cloud assembly. */
export function fingerprints(outdir: string): Map<string, string> {
  return new Map(filesBelow(outdir).map(file => [file, createHash('sha256').update(readFileSync(join(outdir, file))).digest('hex')]));
}

/** The files that differ between cloud assemblies. */
export function unstableFiles(assemblies: readonly Map<string, string>[]): string[] {
  const names = new Set(assemblies.flatMap(assembly => [...assembly.keys()]));
  return [...names].filter(name => new Set(assemblies.map(assembly => assembly.get(name))).size > 1).sort();
}

function filesBelow(folder: string, at = ''): string[] {
  return readdirSync(join(folder, at), { withFileTypes: true })
    .flatMap(entry => entry.isDirectory() ? filesBelow(folder, join(at, entry.name)) : [join(at, entry.name)]);
}

function bytesOf(file: string): number {
  return statSync(file).isDirectory() ? sum(filesBelow(file).map(name => statSync(join(file, name)).size)) : statSync(file).size;
}

function read<T>(folder: string, name: string): T {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
