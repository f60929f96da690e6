import { Token } from 'aws-cdk-lib';

/** Stands for what is only known at deployment. */
export const UNKNOWN = '\u2026';

/** A value of a policy as far as it is known: it may be a text with tokens, or what is left of them when they are resolved. */
export function knownText(value: unknown): string {
  if (typeof value === 'string') return value.replace(/[$#]\{Token\[[^\]]*\]\}/g, UNKNOWN);
  if (typeof value !== 'object' || value === null) return String(value);
  const join = (value as { 'Fn::Join'?: [string, unknown] })['Fn::Join'];
  return Array.isArray(join?.[1]) ? join[1].map(knownText).join(join[0]) : UNKNOWN;
}

/** One value or several, as texts. */
export function knownTexts(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(knownText);
}

/** Whether nothing of it is known: a token, or what CloudFormation is to put in its place. */
export function isUnknown(value: unknown): boolean {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return Token.isUnresolved(value) || (keys.length === 1 && /^(?:Ref$|Fn::)/.test(keys[0]));
}
