import { IConstruct } from 'constructs';
import { isKnown } from './lookups';

/** Claims of constructs on something that they share, e.g. the priorities of a listener. */
export class Claims<Claim> {
  // By app, so that apps that are no longer used can be garbage-collected.
  private readonly ofApps = new WeakMap<IConstruct, Map<string, Claim[]>>();

  /**
   * Returns the claims so far. Callers can add to the list.
   *
   * @param thing the shared resource
   * @param id its ARN, name or ID, so that several imports count as one resource; without it, each construct counts as its own
   */
  public on(thing: IConstruct, id?: string): Claim[] {
    const { root, path } = thing.node;
    const things = this.ofApps.get(root) ?? new Map<string, Claim[]>();
    this.ofApps.set(root, things);
    const key = id !== undefined && isKnown(id) ? id : path;
    const claims = things.get(key) ?? [];
    things.set(key, claims);
    return claims;
  }
}

/** Names that must be unique within something, e.g. the services of a namespace. */
export class ClaimedNames {
  private readonly claims = new Claims<{ readonly name: string; readonly owner: IConstruct }>();

  /**
   * Claims a name. Returns the earlier owner if there is one.
   *
   * @param owner the construct that claims the name
   * @param name the name
   * @param thing the resource within which names are unique
   * @param id its ARN, name or ID
   */
  public claim(owner: IConstruct, name: string, thing: IConstruct, id?: string): IConstruct | undefined {
    const claims = this.claims.on(thing, id);
    const other = claims.find(claim => claim.name === name);
    if (other === undefined) {
      claims.push({ name, owner });
    }
    return other?.owner;
  }
}
