import { Token } from 'aws-cdk-lib';
import { TemplatePart, TemplateSections } from './template-sections';
import { isObject } from '../shape';

/** The placeholder for a value that is only known at deployment. */
export const UNKNOWN = '\u2026';

// Tokens of CDK, and dynamic references of CloudFormation.
const UNKNOWN_PARTS = /[$#]\{Token\[[^\]]*\]\}|\{\{resolve:[^{}]*\}\}/g;

const LOOP = 'Fn::ForEach::';

/** An intrinsic function: returns undefined for no value. */
type Intrinsic = (argument: unknown, evaluator: TemplateEvaluator) => unknown;

/**
 * The functions that return what their arguments contain. All others are unknown until deployment.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
const INTRINSICS = new Map<string, Intrinsic>([
  ['Ref', (name, evaluator) => evaluator.reference(String(name))],
  ['Fn::If', (argument, evaluator) => {
    const [condition, yes, no] = listOf(argument);
    return evaluator.evaluate(evaluator.isTrue({ Condition: condition }) ? yes : no);
  }],
  ['Fn::Sub', (argument, evaluator) => {
    const [text, variables] = [argument].flat();
    return typeof text === 'string' ? substitute(text, isObject(variables) ? variables : {}, evaluator) : UNKNOWN;
  }],
  ['Fn::Join', (argument, evaluator) => {
    const [delimiter, list] = listOf(argument).map(each => evaluator.evaluate(each));
    return Array.isArray(list) ? list.map(textOf).join(textOf(delimiter)) : UNKNOWN;
  }],
  ['Fn::Split', (argument, evaluator) => {
    const [delimiter = UNKNOWN, text] = listOf(argument).map(each => textOf(evaluator.evaluate(each)));
    return delimiter.includes(UNKNOWN) ? UNKNOWN : text.split(delimiter);
  }],
  ['Fn::Select', (argument, evaluator) => {
    const [index, list] = listOf(argument);
    const values = evaluator.evaluate(list);
    return Array.isArray(values) ? evaluator.pick({ ...values }, index) ?? UNKNOWN : UNKNOWN;
  }],
  ['Fn::FindInMap', (argument, evaluator) => {
    const [name, first, second, otherwise] = listOf(argument);
    const found = evaluator.pick(evaluator.pick(evaluator.template?.mapping(textOf(evaluator.evaluate(name))), first), second);
    return found ?? (isObject(otherwise) ? evaluator.evaluate(otherwise.DefaultValue) : UNKNOWN);
  }],
  ['Fn::ImportValue', (argument, evaluator) => evaluator.inOtherTemplate(evaluator.template?.exported(textOf(evaluator.evaluate(argument))))],
  ['Fn::GetAtt', (argument, evaluator) => {
    const [id, ...attribute] = [argument].flat().join('.').split('.');
    return evaluator.inOtherTemplate(attribute[0] === 'Outputs' ? evaluator.template?.nestedOutput(id, attribute.slice(1).join('.')) : undefined);
  }],
  ['Fn::Base64', (argument, evaluator) => {
    const text = textOf(evaluator.evaluate(argument));
    return text.includes(UNKNOWN) ? UNKNOWN : Buffer.from(text).toString('base64');
  }],
  ['Fn::Length', (argument, evaluator) => {
    const list = evaluator.evaluate(argument);
    return Array.isArray(list) && !list.includes(UNKNOWN) ? list.length : UNKNOWN;
  }],
  ['Fn::ToJsonString', (argument, evaluator) => JSON.stringify(evaluator.evaluate(argument))],
]);

/** Evaluates the intrinsic functions of a template for one combination of conditions and parameters. */
export class TemplateEvaluator {
  constructor(private readonly choices: Choices, public readonly template?: TemplateSections) {}

  /** Evaluates the intrinsic functions in a part of a template. */
  public evaluate(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(each => this.evaluate(each)).filter(each => each !== undefined);
    if (typeof value === 'string') return value.replace(UNKNOWN_PARTS, UNKNOWN);
    if (Token.isUnresolved(value)) return UNKNOWN;
    if (!isObject(value)) return value;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
    return others.length === 0 && isIntrinsic(name) ? this.call(name, argument) : this.evaluateObject(value);
  }

  /** The value of a `Ref`. It is unknown for resources. */
  public reference(name: string): unknown {
    if (name === 'AWS::NoValue') return undefined;
    if (name.startsWith('AWS::')) return this.template?.pseudoParameter(name) ?? UNKNOWN;
    const declared = this.template?.parameter(name);
    if (!isObject(declared)) return UNKNOWN;
    const { Type, Default, AllowedValues } = declared;
    // The default is the name of a Systems Manager parameter, whose value is unknown.
    if (String(Type).startsWith('AWS::SSM::Parameter::Value<')) return UNKNOWN;
    const given = this.template?.given(name);
    if (given !== undefined) return this.inOtherTemplate(given);
    const named = [...Default === undefined ? [] : [Default], ...Array.isArray(AllowedValues) ? AllowedValues : [UNKNOWN]];
    const isList = ['CommaDelimitedList', 'List<'].some(each => String(Type).startsWith(each));
    return this.choose({ Ref: name }, [...new Set(named)].map(each => isList ? String(each).split(',').map(item => item.trim()) : each));
  }

  /** An entry of an object. An unknown key can be any of the keys of the object, or none of them. */
  public pick(entries: unknown, key: unknown): unknown {
    if (!isObject(entries)) return undefined;
    const known = textOf(this.evaluate(key));
    const name = known.includes(UNKNOWN) ? this.chooseKey(key, [...Object.keys(entries), UNKNOWN]) : known;
    return Object.hasOwn(entries, name) ? this.evaluate(entries[name]) : undefined;
  }

  /** Whether a condition is met. */
  public isTrue(condition: unknown): boolean {
    const [[name, argument] = ['', undefined]] = isObject(condition) ? Object.entries(condition) : [];
    const operands = listOf(argument);
    switch (name) {
      case 'Condition': return this.isMet(String(argument));
      case 'Fn::Not': return !this.isTrue(operands[0]);
      case 'Fn::And': return operands.every(each => this.isTrue(each));
      case 'Fn::Or': return operands.some(each => this.isTrue(each));
      case 'Fn::Equals': return this.areEqual(operands[0], operands[1]);
      default: return this.choose(condition, [true, false]) === true;
    }
  }

  /** The value of a part of another template. */
  public inOtherTemplate(part: TemplatePart | undefined): unknown {
    return part === undefined ? UNKNOWN : new TemplateEvaluator(this.choices, part.template).evaluate(part.value);
  }

  private isMet(name: string): boolean {
    const declared = this.template?.condition(name);
    return declared === undefined ? this.choose({ Condition: name }, [true, false]) === true : this.isTrue(declared);
  }

  private areEqual(one: unknown, other: unknown): boolean {
    const [left, right] = [one, other].map(each => textOf(this.evaluate(each)));
    if (!`${left}${right}`.includes(UNKNOWN)) return left === right;
    const subject = { 'Fn::Equals': [one, other].map(each => JSON.stringify(each)).sort() };
    const equal = this.choose(subject, [true, false]) === true;
    // If the values are equal, the unknown value is known from now on.
    if (equal && left === UNKNOWN) this.choices.set(this.subject(one), right);
    if (equal && right === UNKNOWN) this.choices.set(this.subject(other), left);
    return equal;
  }

  private chooseKey(key: unknown, names: readonly string[]): string {
    const name = String(this.choose([key, names], names));
    if (name !== UNKNOWN) this.choices.set(this.subject(key), name);
    return name;
  }

  private call(name: string, argument: unknown): unknown {
    const subject = this.subject({ [name]: argument });
    if (this.choices.has(subject)) return this.choices.get(subject);
    const intrinsic = INTRINSICS.get(name);
    return intrinsic === undefined ? UNKNOWN : intrinsic(argument, this);
  }

  private evaluateObject(value: object): object {
    const entries = Object.entries(value).flatMap(([key, each]) => key.startsWith(LOOP) ? this.loop(each) : [[key, each]]);
    return Object.fromEntries(entries.map(([key, each]) => [key, this.evaluate(each)]).filter(([, each]) => each !== undefined));
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html */
  private loop(argument: unknown): Array<[string, unknown]> {
    const [name, collection, fragment] = listOf(argument);
    const items = this.evaluate(collection);
    return listOf(items).flatMap(item => Object.entries(filledIn(fragment, String(name), textOf(item)) ?? {}));
  }

  private choose(subject: unknown, options: readonly unknown[]): unknown {
    return this.choices.choose(this.subject(subject), options);
  }

  private subject(part: unknown): string {
    return `${this.template?.id} ${JSON.stringify(part)}`;
  }
}

function isIntrinsic(name: string): boolean {
  return name === 'Ref' || (name.startsWith('Fn::') && !name.startsWith(LOOP));
}

function substitute(text: string, variables: { readonly [name: string]: unknown }, evaluator: TemplateEvaluator): unknown {
  return evaluator.evaluate(text.replace(/\$\{(!?)([^{}]*)\}/g, (_, isLiteral: string, name: string) => {
    if (isLiteral) return `\${${name}}`;
    const value = Object.hasOwn(variables, name) ? variables[name] : name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name };
    return textOf(evaluator.evaluate(value));
  }));
}

/** The fragment of a loop for one item. */
function filledIn(fragment: unknown, name: string, item: string): object | undefined {
  const text = JSON.stringify(fragment) ?? 'null';
  const escaped = JSON.stringify(item).slice(1, -1);
  return JSON.parse([`\${${name}}`, `&{${name}}`].reduce((filled, variable) => filled.replaceAll(variable, () => escaped), text));
}

function textOf(value: unknown): string {
  return value === undefined ? '' : typeof value === 'object' ? UNKNOWN : String(value);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The assumed values of everything that is unknown until deployment. Each is chosen once. */
export class Choices {
  private readonly made = new Map<string, unknown>();
  private readonly taken: Array<{ readonly option: number; readonly of: number }> = [];

  /** @param script the index of the option for each decision, in order; later decisions take the first option */
  constructor(private readonly script: readonly number[]) {}

  /** Chooses one of the options. The choice for a subject is always the same. */
  public choose(subject: string, options: readonly unknown[]): unknown {
    if (!this.made.has(subject)) {
      const option = this.script[this.taken.length] ?? 0;
      this.taken.push({ option, of: options.length });
      this.made.set(subject, options[option]);
    }
    return this.made.get(subject);
  }

  public has(subject: string): boolean {
    return this.made.has(subject);
  }

  public get(subject: string): unknown {
    return this.made.get(subject);
  }

  /** Sets the value of a subject that follows from a decision. */
  public set(subject: string, value: unknown): void {
    this.made.set(subject, value);
  }

  /** The scripts that differ from this run in one decision after the end of its script. Together they reach every combination exactly once. */
  public alternatives(): number[][] {
    return this.taken.flatMap(({ of }, position) => position < this.script.length ? [] : Array.from({ length: Math.max(0, of - 1) }, (_, index) =>
      [...this.taken.slice(0, position).map(({ option }) => option), index + 1]));
  }
}
