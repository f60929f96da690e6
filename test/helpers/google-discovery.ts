import { readFileSync } from 'node:fs';
import * as path from 'node:path';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly readOnly?: boolean;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
}
interface Method {
  readonly id: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, Schema & { readonly location: 'path' | 'query'; readonly required?: boolean }>>;
  readonly request?: Schema;
}
interface Api {
  readonly host: string;
  readonly methods: Readonly<Record<string, Method>>;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly parameters: readonly string[];
}

/** The parts of the discovery documents that Google publishes. */
const APIS: Readonly<Record<string, Api>> = JSON.parse(readFileSync(path.join(__dirname, '..', 'fixtures', 'clouds', 'google-discovery.json'), 'utf8'));

/** A request that matches a published method. */
export interface DiscoveredCall {
  /** The method, e.g. `artifactregistry.projects.locations.repositories.create`. */
  readonly id: string;
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The published method of a request. Throws an error message for the first violation of its schema. */
export function discovered(api: string, httpMethod: string, address: string, body: string): DiscoveredCall {
  const { methods, schemas, parameters: common } = APIS[api];
  const url = new URL(address, 'https://host');
  for (const method of Object.values(methods).filter(each => each.httpMethod === httpMethod)) {
    const [template, name] = Object.entries(method.parameters).filter(([, { location }]) => location === 'path')
      .reduce<[string, string]>(([text], [parameter, { pattern = '^.+$' }]) => [text.replace(`{+${parameter}}`, `(${pattern.slice(1, -1)})`), parameter], [method.path, '']);
    const found = new RegExp(`^/${template}$`).exec(decodeURIComponent(url.pathname));
    if (found === null) continue;
    const query = Object.fromEntries(url.searchParams);
    for (const [each, value] of Object.entries(query)) {
      const parameter = method.parameters[each];
      if (parameter?.location !== 'query' && !common.includes(each)) throw new Error(`${each} is no parameter of ${method.id}`);
      if (parameter?.type === 'integer' && !/^\d+$/.test(value)) throw new Error(`${each} must be a number`);
    }
    for (const [each, { required, location }] of Object.entries(method.parameters)) {
      if (required && location === 'query' && !(each in query)) throw new Error(`${each} is missing`);
    }
    const json = body === '' ? undefined : JSON.parse(body) as unknown;
    if (method.request === undefined && json !== undefined) throw new Error(`${method.id} has no body`);
    if (method.request !== undefined) checkValue('body', json, method.request, schemas);
    return { id: method.id, name: name === '' ? '' : found[1], query, body: json === undefined ? {} : json as DiscoveredCall['body'] };
  }
  throw new Error(`${api} has no method for ${httpMethod} ${url.pathname}`);
}

function checkValue(at: string, value: unknown, schema: Schema, schemas: Api['schemas']): void {
  if (schema.$ref !== undefined) return checkValue(at, value, schemas[schema.$ref], schemas);
  if (schema.readOnly) throw new Error(`${at} can only be read`);
  switch (schema.type) {
    case 'object':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${at} must be an object`);
      for (const [name, each] of Object.entries(value)) {
        const property = schema.properties?.[name] ?? schema.additionalProperties;
        if (property === undefined) throw new Error(`${at} has no property ${name}`);
        checkValue(`${at}.${name}`, each, property, schemas);
      }
      return undefined;
    case 'array':
      if (!Array.isArray(value)) throw new Error(`${at} must be a list`);
      return value.forEach((each, index) => checkValue(`${at}[${index}]`, each, schema.items ?? {}, schemas));
    case 'string':
      if (typeof value !== 'string') throw new Error(`${at} must be a text`);
      if (schema.enum?.includes(value) === false) throw new Error(`${at} is none of ${schema.enum.join(', ')}`);
      if (schema.format === 'google-duration' && !/^\d+(\.\d{1,9})?s$/.test(value)) throw new Error(`${at} must be a duration such as 86400s`);
      return undefined;
    case 'boolean':
      if (typeof value !== 'boolean') throw new Error(`${at} must be true or false`);
      return undefined;
    case 'integer':
      if (!Number.isInteger(value)) throw new Error(`${at} must be a whole number`);
      return undefined;
    default:
      return undefined;
  }
}
