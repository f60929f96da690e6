import { IConstruct } from 'constructs';
import { isKnown } from './lookups';

/** What the parts of an app have claimed of things that they share, such as the rules of a listener. */
export class Claims<Claim> {
  // By app, as long as that is there.
  private readonly ofApps = new WeakMap<IConstruct, Map<string, Claim[]>>();

  /**
   * The claims on one thing so far, to which another one may be added.
   *
   * @param thing what is shared
   * @param id its ARN or the like, by which it is the same wherever it is imported. Where none is known, each construct is a thing of its own
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

/** Names of which a thing has each once, such as those of services in a namespace. */
export class ClaimedNames {
  private readonly claims = new Claims<{ readonly name: string; readonly owner: IConstruct }>();

  /**
   * Whose the name is already; if it is nobody's, it is the owner's from now on.
   *
   * @param owner who wants it
   * @param name what is wanted
   * @param thing what has each name once
   * @param id its ARN or the like
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
