import * as fs from 'fs';
import * as path from 'path';
import { isObject, Template } from './comparison';

/** The location of the new template. */
export interface NewTemplateOptions {
  readonly stack?: string;
  readonly new?: string;
  readonly app: string;
}

/** The name and region of a deployed stack, if they are known. */
export interface DeployedStack {
  readonly stackName?: string;
  readonly region?: string;
}

/** Reads the new template, and the name and region of its stack. */
export function newTemplate({ stack, new: file, app }: NewTemplateOptions): DeployedStack & { readonly template: Template } {
  if (file !== undefined) return { stackName: stack, template: templateIn(readText(file), file) };
  const stacks = stacksIn(app);
  const found = stack === undefined ? stacks : stacks.filter(({ names }) => names.includes(stack));
  if (found.length !== 1) {
    const all = stacks.map(({ names: [name] }) => name).join(', ');
    throw new Error(found.length === 0 ? `${app} has no stack "${stack ?? ''}". It has: ${all}.` : `Name one of the stacks: ${all}.`);
  }
  const [{ stackName, region, templateFile }] = found;
  return { stackName, region, template: templateIn(readText(templateFile), templateFile) };
}

/** Reads the deployed template, from a file or with the AWS CLI. */
export function deployedTemplate(
  file: string | undefined, { stackName, region }: DeployedStack, get: (stackName: string, region?: string) => string,
): Template {
  if (file !== undefined) return templateIn(readText(file), file);
  if (stackName === undefined) throw new Error('Pass the deployed template with --deployed FILE, or name the stack.');
  return templateIn(get(stackName, region), `the answer of "aws cloudformation get-template --stack-name ${stackName}"`);
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
  if (!isObject(template.Resources)) throw new Error(`${from} is not a CloudFormation template: it has no Resources.`);
  return template as unknown as Template;
}

function parse(text: string, from: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (isObject(value)) return value;
  } catch {
    // The error is reported below.
  }
  throw new Error(`${from} is not JSON. The check reads JSON templates, which the CDK writes.`);
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    throw new Error(`${file} cannot be read.`);
  }
}
