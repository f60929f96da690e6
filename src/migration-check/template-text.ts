// eslint-disable-next-line import/no-extraneous-dependencies -- bundled into the command, so users never install it (ADR 24)
import { FAILSAFE_SCHEMA, load, Type, YAMLException } from 'js-yaml';
import { isObject } from './comparison';

/** Short forms without the prefix `Fn::`. */
const WITHOUT_PREFIX = ['Ref', 'Condition'];

/** The long form of a short form such as `!GetAtt Web.Arn`. */
const shortForm = (kind: 'scalar' | 'sequence' | 'mapping') => new Type('!', {
  kind, multi: true, construct: (value: unknown, tag = '') => ({ [WITHOUT_PREFIX.includes(tag.slice(1)) ? tag.slice(1) : `Fn::${tag.slice(1)}`]: value }),
});

// CloudFormation reads YAML 1.1. All other scalars stay texts, because CloudFormation converts each to the type of its property: 2012-10-17, 0123, 1e3.
const TRUE = /^(yes|true|on)$/i;
const FALSE = /^(no|false|off)$/i;
const SCHEMA = FAILSAFE_SCHEMA.extend({
  implicit: [
    new Type('tag:yaml.org,2002:bool', {
      kind: 'scalar', resolve: (text: unknown) => typeof text === 'string' && (TRUE.test(text) || FALSE.test(text)),
      construct: (text: string) => TRUE.test(text),
    }),
    new Type('tag:yaml.org,2002:null', { kind: 'scalar', resolve: (text: unknown) => text === null || text === '~' || text === 'null', construct: () => null }),
  ],
  explicit: [shortForm('scalar'), shortForm('sequence'), shortForm('mapping')],
});

/** Parses JSON or YAML. Throws if the text is neither, or is not an object. */
export function parse(text: string, from: string): Record<string, unknown> {
  const value = jsonIn(text) ?? yamlIn(text, from);
  if (!isObject(value)) throw new Error(`${from} is neither a JSON nor a YAML object.`);
  return value;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function yamlIn(text: string, from: string): unknown {
  try {
    return load(text, { schema: SCHEMA });
  } catch (error) {
    const { reason, mark } = error as YAMLException;
    throw new Error(`${from} is neither JSON nor YAML: ${reason}${mark === undefined ? '' : ` in line ${mark.line + 1}`}.`);
  }
}
