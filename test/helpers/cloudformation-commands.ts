import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Stack, asStrings } from './cloudformation';
import { Auditor } from './cloudformation-auditor';
import { Images, MOVING, Model, Order } from './cloudformation-model';
import { TROUBLES, Trouble } from './cloudformation-troubles';
import { World } from './cloudformation-world';

/** The objects that the commands change. */
export interface Real {
  readonly world: World;
  readonly auditor: Auditor;
  readonly images: Images;
  stack: Stack;
  /** Creates the next stack after the current one is deleted. */
  readonly nextStack: () => Stack;
}

type Command = fc.AsyncCommand<Model, Real>;

/** The commands of a sequence. */
export function commands(destinations: readonly string[], sources: readonly string[]): fc.Arbitrary<Iterable<Command>> {
  const change = fc.record({
    source: fc.constantFrom(...sources),
    destination: fc.constantFrom(...destinations),
    liveTagPrefix: fc.constantFrom('live-web.', 'live-api.'),
    tags: fc.subarray(['v1', 'v2']),
    floatingTags: fc.subarray(['latest', 'v2']),
  }, { requiredKeys: [] });
  const source = fc.constantFrom(...sources);
  return fc.commands<Model, Real, false>([
    ...[1, 2, 3, 4].map(() => fc.tuple(change, TROUBLES).map(([wanted, trouble]) => new Deploy(wanted, trouble))),
    fc.constantFrom('resource', 'stack').map(what => new Delete(what)),
    ...[1, 2, 3].map(() => fc.constant(new ContinueRollback())),
    fc.constant(new DeliverLate()),
    fc.tuple(source, source).map(([tag, as]) => new Offer(tag, tag === MOVING ? as : tag)),
    source.map(tag => new Expire(tag)),
  ], { maxCommands: 14, size: 'max' });
}

const FIRST: Order = { source: 'a', destination: 'team/web', liveTagPrefix: 'live-web.', tags: [], floatingTags: [] };

/** Changes some properties of the resource, or creates it. */
class Deploy implements Command {
  constructor(private readonly change: Partial<Order>, private readonly trouble: Trouble) {}

  public check(model: Readonly<Model>): boolean {
    return !model.stuck;
  }

  public async run(model: Model, real: Real): Promise<void> {
    const { stack, world, auditor } = real;
    const order: Order = { ...FIRST, ...model.template, ...this.change };
    const wanted = asStrings(propertiesOf(order, world));
    const before = stack.resource;
    if (!isDeepStrictEqual(wanted, before?.properties)) this.trouble.arrange?.(real, model, order);
    const status = await stack.deploy(wanted, { thenFails: this.trouble.elsewhere });
    auditor.note(status);
    if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') model.template = order;
    expect(stack.resource?.properties).toEqual(model.template && asStrings(propertiesOf(model.template, world)));
    // A service that runs the digest finds its image, and after a rollback under the id that it had.
    if (status.endsWith('COMPLETE')) expectDeployed(model, real);
    if (status === 'UPDATE_ROLLBACK_COMPLETE') expect(stack.resource?.physicalId).toBe(before?.physicalId);
    model.stuck = stack.stuck;
  }

  public toString(): string {
    return `Deploy(${JSON.stringify(this.change)}, ${this.trouble.name})`;
  }
}

/** Removes the resource from the template, or deletes the stack and begins a new one. */
class Delete implements Command {
  constructor(private readonly what: string) {}

  public check(): boolean {
    return true;
  }

  public async run(model: Model, real: Real): Promise<void> {
    const status = await real.stack.delete();
    expect(['DELETE_COMPLETE', 'NO_CHANGE']).toContain(status);
    real.auditor.note(status);
    model.template = undefined;
    model.stuck = false;
    if (this.what === 'stack') real.stack = real.nextStack();
  }

  public toString(): string {
    return `Delete(${this.what})`;
  }
}

/** Tries a failed rollback again. */
class ContinueRollback implements Command {
  public check(model: Readonly<Model>): boolean {
    return model.stuck;
  }

  public async run(model: Model, real: Real): Promise<void> {
    const status = await real.stack.continueRollback();
    real.auditor.note(`continued: ${status}`);
    model.stuck = real.stack.stuck;
    if (!model.stuck) expectDeployed(model, real);
  }

  public toString(): string {
    return 'ContinueRollback';
  }
}

/** Delivers an event that was delayed so long that CloudFormation has timed out. */
class DeliverLate implements Command {
  public check(): boolean {
    return true;
  }

  public async run(_: Model, { world, stack, auditor }: Real): Promise<void> {
    const event = world.lambda.takeLate();
    if (event === undefined) return;
    const before = stack.resource;
    await auditor.invoke(event);
    auditor.note('delivered late');
    expect(stack.resource).toBe(before);
  }

  public toString(): string {
    return 'DeliverLate';
  }
}

/** Puts an image into the source, possibly again; `moving` is then on another image. */
class Offer implements Command {
  constructor(private readonly tag: string, private readonly as: string) {}

  public check(): boolean {
    return true;
  }

  public async run(model: Model, { world, images }: Real): Promise<void> {
    model.source.set(this.tag, images[this.as].digest);
    world.publish(images[this.as], this.tag);
  }

  public toString(): string {
    return `Offer(${this.tag}, ${this.as})`;
  }
}

/** Deletes an image from the source. */
class Expire implements Command {
  constructor(private readonly tag: string) {}

  public check(model: Readonly<Model>): boolean {
    return model.source.has(this.tag);
  }

  public async run(model: Model, { world }: Real): Promise<void> {
    model.source.delete(this.tag);
    world.registry.repository('assets').tags.delete(this.tag);
  }

  public toString(): string {
    return `Expire(${this.tag})`;
  }
}

function propertiesOf({ source, destination, liveTagPrefix, tags, floatingTags }: Order, world: World) {
  return world.properties(source, {
    Destination: `${world.registry.host}/${destination}`,
    LiveTagPrefix: liveTagPrefix,
    KeepWhenThere: 'true',
    ...(source !== MOVING && { SourceNeverMoves: true }),
    ...(tags.length > 0 && { Tags: tags }),
    ...(floatingTags.length > 0 && { FloatingTags: floatingTags }),
  });
}

function expectDeployed({ template, destinations }: Model, { stack }: Real): void {
  if (template === undefined) return;
  const { DigestHex, Tag } = stack.resource?.data ?? {};
  expect(destinations.get(template.destination)?.get(String(Tag))).toBe(`sha256:${String(DigestHex)}`);
}
