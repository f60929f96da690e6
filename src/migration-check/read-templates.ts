import * as fs from 'fs';
import * as path from 'path';
import { isObject, Resource, Template } from './comparison';
import { normalized } from './intrinsics';
import { nestedIn, Stack } from './nested-stacks';
import { parse } from './template-text';

/** The location of the new template. */
export interface NewTemplateOptions {
  readonly stack?: string;
  readonly new?: string;
  readonly app: string;
}

/** The location of the deployed templates. */
export interface DeployedOptions {
  /** The file of the stack itself. */
  readonly deployed?: string;
  /** The files of nested stacks, by logical ID. That of one in another nested stack follows a slash. */
  readonly nested: ReadonlyMap<string, string>;
}

/** The name and region of a deployed stack, if they are known. */
export interface DeployedStack {
  readonly stackName?: string;
  readonly region?: string;
}

/** Asks AWS. */
export interface Cloud {
  /** The output of `get-template`. */
  template(stackName: string, region?: string): string;
  /** The ARN of a nested stack. */
  nestedStack(stackName: string, logicalId: string, region?: string): string;
}

/** Reads the new template with those of its nested stacks, and the name and region of the stack. */
export function newStack({ stack, new: file, app }: NewTemplateOptions): DeployedStack & { readonly stack: Stack } {
  if (file !== undefined) return { stackName: stack, stack: stackIn(file) };
  const stacks = stacksIn(app);
  const found = stack === undefined ? stacks : stacks.filter(({ names }) => names.includes(stack));
  if (found.length !== 1) {
    const all = stacks.map(({ names: [name] }) => name).join(', ');
    throw new Error(found.length === 0 ? `${app} has no stack "${stack ?? ''}". It has: ${all}.` : `Name one of the stacks: ${all}.`);
  }
  const [{ stackName, region, templateFile }] = found;
  return { stackName, region, stack: stackIn(templateFile) };
}

function stackIn(file: string): Stack {
  const template = templateIn(readText(file), file);
  return withNested(template, id => {
    const nested = nestedFile(template.Resources[id], path.dirname(file));
    return nested === undefined ? undefined : stackIn(nested);
  });
}

/** The file of a nested stack, which the CDK names in the metadata. Templates by hand have its path as their URL. */
function nestedFile({ Metadata, Properties }: Resource, folder: string): string | undefined {
  const name = Metadata?.['aws:asset:path'] ?? Properties?.TemplateURL;
  return typeof name === 'string' && !/^[a-z0-9]{2,}:/i.test(name) && fs.existsSync(path.resolve(folder, name)) ? path.resolve(folder, name) : undefined;
}

/** Reads the deployed template with those of its nested stacks: from files, or with the AWS CLI. */
export function deployedStack({ deployed, nested: files }: DeployedOptions, { stackName, region }: DeployedStack, cloud: Cloud): Stack {
  const known = new Set<string>();
  const read = (template: Template, name: string | undefined, prefix: string): Stack => withNested(template, id => {
    const place = `${prefix}${id}`;
    known.add(place);
    const file = files.get(place);
    // Without a name, the parent is a file, and the names of its nested stacks are not known.
    const child = file === undefined && name !== undefined ? cloud.nestedStack(name, id, region) : undefined;
    if (file === undefined && child === undefined) return undefined;
    return read(file === undefined ? answerIn(cloud, child as string, region) : templateIn(readText(file), file), child, `${place}/`);
  });
  const stack = deployed === undefined ? fromCloud() : read(templateIn(readText(deployed), deployed), undefined, '');
  const [mistake] = [...files.keys()].filter(id => !known.has(id));
  if (mistake !== undefined) throw new Error(`The deployed template has no nested stack "${mistake}". It has: ${[...known].join(', ') || 'none'}.`);
  return stack;

  function fromCloud(): Stack {
    if (stackName === undefined) throw new Error('Pass the deployed template with --deployed FILE, or name the stack.');
    return read(answerIn(cloud, stackName, region), stackName, '');
  }
}

function answerIn(cloud: Cloud, stackName: string, region?: string): Template {
  return templateIn(cloud.template(stackName, region), `the answer of "aws cloudformation get-template --stack-name ${stackName}"`);
}

function withNested(template: Template, read: (id: string) => Stack | undefined): Stack {
  const nested = nestedIn(template).flatMap(id => {
    const stack = read(id);
    return stack === undefined ? [] : [[id, stack] as const];
  });
  return { template, nested: new Map(nested) };
}

interface StackInAssembly {
  /** The names that a user can enter for the stack: its path, name and ID. */
  readonly names: string[];
  readonly stackName: string;
  readonly region?: string;
  readonly templateFile: string;
}

/** The stacks of an assembly, with those of its stages. */
function stacksIn(folder: string): StackInAssembly[] {
  const file = path.join(folder, 'manifest.json');
  if (!fs.existsSync(file)) throw new Error(`${folder} is no assembly. Run "cdk synth" first, or pass the new template with --new FILE.`);
  const { artifacts } = parse(readText(file), file);
  return Object.entries(isObject(artifacts) ? artifacts : {}).flatMap(([id, artifact]) => {
    const { type, displayName, environment, properties } = isObject(artifact) ? artifact : {};
    if (!isObject(properties)) return [];
    if (type === 'cdk:cloud-assembly') return stacksIn(path.join(folder, String(properties.directoryName)));
    if (type !== 'aws:cloudformation:stack') return [];
    const stackName = String(properties.stackName ?? id);
    const names = [displayName, stackName, id].filter(each => typeof each === 'string');
    const [, region] = /^aws:\/\/[^/]+\/(?!unknown)(.+)$/.exec(String(environment)) ?? [];
    return [{
      // "Stage/Stack (name)"
      names: [...names, ...names.map(name => name.replace(/ \(.*\)$/, ''))], stackName, region,
      templateFile: path.join(folder, String(properties.templateFile)),
    }];
  });
}

/** Parses a template, or the output of `get-template`, which contains one. */
function templateIn(text: string, from: string): Template {
  const content = parse(text, from);
  const { TemplateBody: body } = content;
  const template = typeof body === 'string' ? parse(body, from) : isObject(body) ? body : content;
  const { Resources, Outputs = {} } = template;
  if (!isObject(Resources)) throw new Error(`${from} is not a CloudFormation template: it has no Resources.`);
  return { ...template, Resources: normalized(Resources), Outputs: normalized(Outputs) } as Template;
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    throw new Error(`${file} cannot be read.`);
  }
}
