import { CfnElement, Names, Stack } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { checkValue } from '../private/shape';
import { reject } from '../private/validation';

/** A construct of the deployed program, identified by its path. It may no longer exist. */
export class OldConstruct {
  /**
   * @param scope a construct that still exists
   * @param path the IDs below it, separated by slashes
   */
  constructor(private readonly scope: IConstruct, private readonly path: string) {}

  /** A construct below this one. */
  public child(path: string): OldConstruct {
    return new OldConstruct(this.scope, `${this.path}/${path}`);
  }

  /** The parent construct. */
  public parent(): OldConstruct {
    return new OldConstruct(this.scope, this.path.replace(/\/[^/]*$/, ''));
  }

  /** The logical ID of its resource, as the stack allocates it for this path. */
  public logicalId(resource = 'Resource'): string {
    return withChild(this.scope, [...this.ids(), ...resource === '' ? [] : [resource]], element => Stack.of(this.scope).getLogicalId(element as CfnElement));
  }

  /** The unique ID, from which aws-cdk derives names and descriptions. */
  public uniqueId(): string {
    return withChild(this.scope, this.ids(), Names.uniqueId);
  }

  /** The complete path, which is the description of a security group. */
  public fullPath(): string {
    return withChild(this.scope, this.ids(), ({ node }) => node.path);
  }

  private ids(): string[] {
    return this.path.split('/').filter(id => id !== '');
  }
}

/** Calls a function with the construct at a path. Constructs that do not exist are created for this call and then removed. */
function withChild<Result>(scope: IConstruct, [id, ...below]: string[], use: (construct: IConstruct) => Result): Result {
  if (id === undefined) return use(scope);
  const existing = scope.node.tryFindChild(id);
  if (existing !== undefined) return withChild(existing, below, use);
  const missing = below.length === 0 ? new Placeholder(scope as Construct, id) : new Construct(scope as Construct, id);
  try {
    return withChild(missing, below, use);
  } finally {
    scope.node.tryRemoveChild(id);
  }
}

/** A placeholder for a missing resource, because only template elements have logical IDs. */
class Placeholder extends CfnElement {
  /** @internal */
  public _toCloudFormation(): object {
    return {};
  }
}

/** A deployed construct, and the new construct that replaces it. */
export interface Takeover {
  /** The new construct. */
  readonly by: Construct;
  /** Its resource, which can be in another stack. */
  readonly resource: IConstruct;
  /** The rule about the stack. */
  readonly must: string;
  /** The scope of the deployed construct. */
  readonly scope: Construct;
  readonly id: string;
  /** The fix if they are in different stacks. */
  readonly fix: string;
}

/** Rejects a deployed construct without an ID, or in another stack. */
export function checkTakeover({ by, resource, must, scope, id, fix }: Takeover): void {
  checkValue(by, 'id', id, { kind: 'text', required: true, pattern: /[^/]/, must: 'be the ID of the deployed construct', fix: 'Write its ID.' });
  if (Stack.of(resource) === Stack.of(scope)) return;
  reject(by, { property: 'scope', must, got: Stack.of(scope).node.path, fix });
}
