import { CfnElement, CfnResource, CfnStack, Stack, Token } from 'aws-cdk-lib';
import { isObject } from '../shape';

/** A part of a template, and the template that it belongs to. */
export interface TemplatePart {
  readonly value: unknown;
  readonly template: TemplateSections;
}

/** A JSON object of a template. */
interface TemplateObject {
  readonly [key: string]: unknown;
}

/**
 * The parameters, mappings and conditions of a template, and values from other templates of the app. They are complete at the end of synthesis.
 */
export class TemplateSections {
  /** Identifies the template in the app. */
  public readonly id: string;

  private sections?: TemplateObject;

  constructor(private readonly stack: Stack) {
    this.id = stack.node.addr;
  }

  /** The declaration of a parameter. */
  public parameter(name: string): unknown {
    return this.section('Parameters')[name];
  }

  public mapping(name: string): unknown {
    return this.section('Mappings')[name];
  }

  public condition(name: string): unknown {
    return this.section('Conditions')[name];
  }

  /** The region or account of the stack, if it is known at synthesis. */
  public pseudoParameter(name: string): string | undefined {
    const value = new Map([['AWS::AccountId', this.stack.account], ['AWS::Region', this.stack.region]]).get(name);
    return Token.isUnresolved(value) ? undefined : value;
  }

  /** The value that the parent of a nested stack passes for a parameter. */
  public given(name: string): TemplatePart | undefined {
    const { nestedStackResource: resource, nestedStackParent: parent } = this.stack;
    const parameters = resource instanceof CfnStack ? parent?.resolve(resource.parameters) : undefined;
    return parent && partOf(parent, asObject(parameters)[name]);
  }

  /** An output of a nested stack. */
  public nestedOutput(nestedId: string, name: string): TemplatePart | undefined {
    const nested = this.stacks().find(({ nestedStackParent, nestedStackResource: resource }) =>
      nestedStackParent === this.stack && resource !== undefined && this.stack.resolve(resource.logicalId) === nestedId);
    return nested && partOf(nested, asObject(new TemplateSections(nested).section('Outputs')[name]).Value);
  }

  /** An export of a stack of the same app and environment. */
  public exported(name: string): TemplatePart | undefined {
    const neighbors = this.stacks().filter(({ environment }) => environment === this.stack.environment);
    return neighbors.flatMap(stack => Object.values(new TemplateSections(stack).section('Outputs')).map(asObject)
      .filter(({ Export }) => asObject(Export).Name === name)
      .map(({ Value }) => partOf(stack, Value)))[0];
  }

  private stacks(): Stack[] {
    return this.stack.node.root.node.findAll().filter(Stack.isStack);
  }

  private section(name: string): TemplateObject {
    this.sections ??= this.readSections();
    return asObject(this.sections[name]);
  }

  private readSections(): TemplateObject {
    const elements = this.stack.node.findAll().filter(CfnElement.isCfnElement)
      .filter(each => !CfnResource.isCfnResource(each) && Stack.of(each) === this.stack);
    const parts: TemplateObject[] = elements.map(each => this.stack.resolve(each._toCloudFormation()));
    return parts.reduce((all, part) => ({
      ...all, ...Object.fromEntries(Object.entries(part).map(([name, entries]) => [name, { ...asObject(all[name]), ...asObject(entries) }])),
    }), {});
  }
}

function partOf(stack: Stack, value: unknown): TemplatePart | undefined {
  return value === undefined ? undefined : { value, template: new TemplateSections(stack) };
}

function asObject(value: unknown): TemplateObject {
  return isObject(value) ? value : {};
}
