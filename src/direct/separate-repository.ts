import { createHash } from 'crypto';
import { IStackSynthesizer, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { childOf, outermostStack } from '../private/stacks';
import { reject } from '../private/validation';

// The ID and the end of the name of the additional stack.
const STACK = 'images';

const LONGEST_STACK_NAME = 128;
const LONGEST_PART = 100;
const DIGITS_OF_HASH = 8;

/** The place of a repository in an additional stack that is deployed before the original stack. */
export interface SeparatePlace {
  /** The parent of the repository, in the additional stack. */
  readonly scope: Construct;
  /** The counterpart of the repository in the original stack. Images and functions are below it, as they are without an additional stack. */
  readonly home: Construct;
  readonly repositoryName: string;
}

/**
 * Returns the place in an additional stack if the synthesizer of the stack requires one, otherwise `undefined`.
 *
 * @param repositoryName the name that the user chose; nothing can be pushed directly into a repository whose name is a token
 */
export function separatePlace(scope: Construct, id: string, repositoryName?: string): SeparatePlace | undefined {
  const stack = Construct.isConstruct(scope) && scope.node.scopes.some(each => Stack.isStack(each)) ? outermostStack(scope) : undefined;
  const synthesizer = stack && separatingSynthesizer(stack);
  if (stack === undefined || synthesizer === undefined || Token.isUnresolved(repositoryName)) return undefined;
  const home = new Construct(scope, id);
  return {
    home,
    scope: mirrored(scope, stack, repositoryStackOf(stack, synthesizer)),
    repositoryName: repositoryName ?? nameOf(stack.stackName, pathIn(stack, home)),
  };
}

interface SeparatingSynthesizer extends IStackSynthesizer {
  /** Returns a synthesizer for the additional stack, or `undefined` if repositories stay where the program creates them. */
  _forRepositories(): IStackSynthesizer | undefined;
}

/** Recognized by its method, because the synthesizer can come from another copy of this package. */
function separatingSynthesizer({ synthesizer }: Stack): IStackSynthesizer | undefined {
  return '_forRepositories' in synthesizer ? (synthesizer as SeparatingSynthesizer)._forRepositories() : undefined;
}

/** The additional stack. It is a child of the original stack, so the tags and aspects of that stack apply. */
function repositoryStackOf(stack: Stack, synthesizer: IStackSynthesizer): Stack {
  const existing = stack.node.tryFindChild(STACK);
  if (existing === undefined) return new RepositoryStack(stack, synthesizer);
  if (Stack.isStack(existing) && '_imagesOf' in existing) return existing;
  return reject(existing, {
    property: 'id', must: `not be '${STACK}' in a stack with separateRepositories, which creates a stack with this ID`, got: existing.node.id,
    fix: 'Use another ID.',
  });
}

class RepositoryStack extends Stack {
  /** @internal */
  public readonly _imagesOf: Stack;

  constructor(stack: Stack, synthesizer: IStackSynthesizer) {
    const { account, region, stackName, terminationProtection, tags } = stack;
    super(stack, STACK, {
      env: { account, region },
      stackName: shortened(`${stackName}-${STACK}`, LONGEST_STACK_NAME),
      description: `Image repositories of the stack ${stackName}`,
      synthesizer,
      terminationProtection,
      tags: tags.tagValues(),
    });
    this._imagesOf = stack;
    stack.addStackDependency(this, 'its images are pushed into repositories of that stack');
  }

  public override addStackDependency(target: Stack, reason?: string): void {
    this.checkTarget(target, reason);
    super.addStackDependency(target, reason);
  }

  /** Rejects a dependency on the original stack, for which CDK would only report a cyclic reference. */
  private checkTarget(target: Stack, reason = 'a resource'): void {
    if (outermostStack(target) !== this._imagesOf) return;
    reject(this, {
      property: 'separateRepositories', must: 'not be set if a repository refers to a resource of its own stack, because it is deployed before that stack',
      got: reason,
      fix: 'Create the resource, such as a KMS key or a role in the repository policy, in another stack. Or create the repository in another stack'
        + ' yourself, without separateRepositories.',
    });
  }
}

/** Returns the scope with the same path in the other stack, so that logical IDs stay the same. */
function mirrored(scope: Construct, stack: Stack, other: Stack): Construct {
  const between = scope.node.scopes.slice(stack.node.scopes.length);
  return between.reduce<Construct>((parent, { node: { id } }) => (childOf(parent, id) as Construct | undefined) ?? new Construct(parent, id), other);
}

function pathIn(stack: Stack, construct: Construct): string {
  return construct.node.path.slice(stack.node.path.length + 1);
}

/**
 * A name that ECR accepts. It is derived from the name of the stack, which is unique in its account and region, and from the path in it.
 *
 * The hash distinguishes names that differ only in capitals or special characters.
 */
function nameOf(stackName: string, path: string): string {
  return `${namePart(stackName)}/${namePart(path)}-${hashOf([stackName, path])}`;
}

function namePart(text: string): string {
  const part = text.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, LONGEST_PART).replace(/^-|-$/g, '');
  return part || 'images';
}

function shortened(name: string, longest: number): string {
  return name.length <= longest ? name : `${name.slice(0, longest - STACK.length - DIGITS_OF_HASH - 2)}-${hashOf(name)}-${STACK}`;
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, DIGITS_OF_HASH);
}
