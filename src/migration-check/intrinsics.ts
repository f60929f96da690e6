import { isObject } from './comparison';

/**
 * Writes intrinsic functions in one form, so that equal values have equal texts: `Fn::GetAtt` as a list, and `Fn::Sub` as `Fn::Join`. The CDK writes both,
 * and templates by hand use the other ones.
 */
export function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized);
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  if (entries.length === 1) {
    const [[name, argument]] = entries;
    if (name === 'Fn::GetAtt' && typeof argument === 'string') return attributeOf(argument);
    if (name === 'Fn::Sub') return substituted(argument);
    if (name === 'Fn::Join' && Array.isArray(argument)) return joined(argument);
  }
  return Object.fromEntries(entries.map(([key, each]) => [key, normalized(each)]));
}

/** `Web.Endpoint.Address` */
function attributeOf(text: string): unknown {
  const [id, ...attribute] = text.split('.');
  return { 'Fn::GetAtt': [id, attribute.join('.')] };
}

function substituted(argument: unknown): unknown {
  const [template, variables = {}] = Array.isArray(argument) ? argument as unknown[] : [argument];
  if (typeof template !== 'string' || !isObject(variables)) return { 'Fn::Sub': argument };
  const parts = template.split(/(\$\{[^}]*\})/).map(part => {
    const [, literal, name] = /^\$\{(!)?([^}]*)\}$/.exec(part) ?? [];
    if (name === undefined) return part;
    if (literal !== undefined) return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return normalized(variables[name]);
    return name.includes('.') ? attributeOf(name) : { Ref: name };
  });
  return joined(['', parts]);
}

/** Joins neighboring texts, as the CDK does. */
function joined([separator, list, ...rest]: readonly unknown[]): unknown {
  const parts = normalized(list);
  if (separator !== '' || !Array.isArray(parts) || rest.length > 0) return { 'Fn::Join': [separator, parts, ...rest] };
  const texts: unknown[] = [];
  for (const part of (parts as unknown[]).filter(each => each !== '')) {
    const last = texts.length - 1;
    if (typeof part !== 'object' && typeof texts[last] === 'string') texts[last] += String(part);
    else texts.push(typeof part === 'object' ? part : String(part));
  }
  if (texts.length > 1) return { 'Fn::Join': ['', texts] };
  return texts.length === 0 ? '' : texts[0];
}
