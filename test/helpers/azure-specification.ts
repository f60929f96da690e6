import * as fs from 'node:fs';
import * as path from 'node:path';
import { Asked } from './small-server';

/** The parts of a schema that the published specifications use. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly required?: readonly string[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly additionalProperties?: Schema;
  readonly readOnly?: boolean;
}

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string;
  readonly body?: Schema;
}

interface Specification {
  readonly parameters: { readonly [name: string]: Schema };
  readonly operations: readonly Operation[];
  readonly forms: { readonly [id: string]: Schema };
  readonly definitions: { readonly [name: string]: Schema };
}

const SPECIFICATION: Specification = JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'fixtures', 'azure', 'specification.json'), 'utf8'));

/** An operation of Azure Resource Manager with its parameters. */
export interface ArmRequest {
  readonly id: string;
  readonly parameters: { readonly [name: string]: string };
  readonly body: Readonly<Record<string, unknown>>;
}

/** The operation of a request. Throws if the published specification does not allow the request. */
export function armRequest({ method, url, headers, body }: Asked): ArmRequest {
  for (const operation of SPECIFICATION.operations.filter(each => each.method === method)) {
    const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    // Azure ignores the case of the fixed parts.
    const pattern = new RegExp(`^${operation.path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '([^/]+)')}$`, 'i');
    const values = pattern.exec(url.pathname)?.slice(1).map(decodeURIComponent);
    if (values === undefined) continue;
    const parameters = Object.fromEntries(names.map((name, at) => [name, values[at]]));
    const problems = names.flatMap(name => problemsOf(parameters[name], SPECIFICATION.parameters[name], name));
    if (url.searchParams.get('api-version') !== operation.apiVersion) problems.push(`api-version must be ${operation.apiVersion}`);
    if (operation.body === undefined ? body !== '' : !/^application\/json\b/.test(headers['content-type'] ?? '')) problems.push('the body is not as specified');
    const json = operation.body === undefined ? {} : JSON.parse(body);
    if (operation.body !== undefined) problems.push(...problemsOf(json, operation.body, 'body'));
    if (problems.length > 0) throw new Error(`${operation.id}: ${problems.join('; ')}`);
    return { id: operation.id, parameters, body: json };
  }
  throw new Error(`no published operation is ${method} ${url.pathname}`);
}

/** The fields of a form. Throws if the published specification does not allow them. */
export function formOf(id: string, text: string): Readonly<Record<string, string>> {
  const fields = Object.fromEntries(new URLSearchParams(text));
  const problems = problemsOf(fields, SPECIFICATION.forms[id], 'form');
  if (problems.length > 0) throw new Error(`${id}: ${problems.join('; ')}`);
  return fields;
}

function problemsOf(value: unknown, schema: Schema, name: string): string[] {
  if (schema.$ref !== undefined) return problemsOf(value, SPECIFICATION.definitions[schema.$ref], name);
  if (schema.readOnly) return [`${name} is read-only`];
  if (schema.type === 'object') return objectProblems(value, schema, name);
  if (typeof value !== schema.type) return [`${name} must be a ${schema.type}`];
  const text = String(value);
  return [
    ...schema.enum !== undefined && !schema.enum.includes(text) ? [`${name} must be one of ${schema.enum.join(', ')}`] : [],
    ...schema.pattern !== undefined && !new RegExp(schema.pattern).test(text) ? [`${name} must match ${schema.pattern}`] : [],
    ...text.length < (schema.minLength ?? 0) || text.length > (schema.maxLength ?? Infinity) ? [`${name} has a wrong length`] : [],
  ];
}

function objectProblems(value: unknown, { properties = {}, required = [], additionalProperties: others }: Schema, name: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${name} must be an object`];
  return [
    ...required.filter(each => !(each in value)).map(each => `${name}.${each} is missing`),
    ...Object.entries(value).flatMap(([key, each]) => {
      const rule = properties[key] ?? others;
      return rule === undefined ? [`${name}.${key} is not specified`] : problemsOf(each, rule, `${name}.${key}`);
    }),
  ];
}
