import { CfnElement, CfnResource, Names, Stack } from 'aws-cdk-lib';
import { Construct, IConstruct, RootConstruct } from 'constructs';
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

  /** Its stack. There can be nested stacks between the scope and the construct. */
  public get stack(): Stack {
    let place = this.scope;
    for (const id of this.ids()) {
      const below = place.node.tryFindChild(id);
      if (below === undefined) break;
      place = below;
    }
    return Stack.of(place);
  }

  /** Gives an element the logical ID that the stack allocates for the same element at this path. */
  public keepLogicalId(element: CfnElement, resource = 'Resource'): void {
    element.overrideLogicalId(this.logicalId(element, resource));
  }

  /** The unique ID, from which aws-cdk derives names and descriptions. */
  public uniqueId(): string {
    return Names.uniqueId(this.standIn(this.ids()));
  }

  /** The complete path, which is the description of a security group. */
  public fullPath(): string {
    return this.standIn(this.ids()).node.path;
  }

  private logicalId(like: CfnElement, resource: string): string {
    const ids = [...this.ids(), ...resource === '' ? [] : [resource]];
    const parent = this.standIn(ids.slice(0, -1));
    const [id] = ids.slice(-1);
    // With its type, because a stack can allocate IDs by type.
    const element = CfnResource.isCfnResource(like) ? new CfnResource(parent, id, { type: like.cfnResourceType }) : new ElementStandIn(parent, id);
    return this.stack.getLogicalId(element);
  }

  /** A construct at the same path of another tree. The tree of the program stays as it is: it can be locked, and aspects and validations read it. */
  private standIn(ids: readonly string[]): Construct {
    const [root, ...below] = [...this.scope.node.scopes.map(({ node }) => node.id), ...ids];
    const stackDepth = this.stack.node.scopes.length - 2;
    const create = (scope: Construct, id: string, depth: number) =>
      depth === stackDepth ? new Stack(scope, id, { stackName: 'StandIn' }) : new Construct(scope, id);
    return below.reduce(create, new RootConstruct(root));
  }

  private ids(): string[] {
    return this.path.split('/').filter(id => id !== '');
  }
}

/** A template element that is no resource, such as an output. */
class ElementStandIn extends CfnElement {
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
  const { stack } = new OldConstruct(scope, id);
  if (Stack.of(resource) === stack) return;
  reject(by, { property: 'scope', must, got: stack.node.path, fix });
}
