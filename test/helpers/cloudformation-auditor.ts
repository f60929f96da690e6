import { Invoke } from './cloudformation';
import { SIGNATURE } from './cloudformation-answers';
import { PASSWORD, Run } from './cloudformation-function';
import { Expected, Model, Order } from './cloudformation-model';
import { World, isComplete } from './cloudformation-world';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';

const SECRETS = [SIGNATURE, PASSWORD, Buffer.from(`AWS:${PASSWORD}`).toString('base64')];

/** Compares the result of each event with the model, right after the event. */
export class Auditor {
  /** The number of next copies that a registry rejects. */
  public refusals = 0;
  private readonly ids = new Map<string, string>();
  private readonly images = new Map<string, Set<string>>();

  constructor(private readonly world: World, private readonly model: Model, private readonly seen: Set<string>) {}

  /** Delivers an event and checks the result. */
  public readonly invoke: Invoke = async event => {
    await this.world.lambda.invoke(event);
    // An error that did not occur in this event must not occur in the next one.
    this.world.function.deaths = [];
    this.world.answers.refuse();
    const runs = this.world.function.runs.filter(run => run.event.RequestId === event.RequestId);
    this.auditAnswers(event, runs);
    if (runs.length > 0) this.auditWork(event);
    this.auditRegistry();
  };

  /** Records that something has happened. */
  public note(what: string): void {
    this.seen.add(what);
  }

  private auditAnswers({ RequestId, RequestType }: CustomResourceEvent, runs: readonly Run[]): void {
    const { answers, function: { logs } } = this.world;
    const bodies = answers.received(RequestId).map(String);
    // One response from every run that reached its end, at most one from every other.
    expect(runs.filter(run => run.end === 'done' ? run.answers !== 1 : run.answers > 1)).toEqual([]);
    expect(bodies).toHaveLength(runs.reduce((sum, run) => sum + run.answers, 0));
    expect(new Set(bodies).size).toBeLessThanOrEqual(1);
    expect(bodies.filter(body => Buffer.byteLength(body) > 4096)).toEqual([]);
    const said = [...bodies, ...logs].join('\n');
    expect(SECRETS.filter(secret => said.includes(secret))).toEqual([]);
    this.note(`${RequestType} ${runs.length === 0 ? 'undelivered' : bodies.length === 0 ? 'unanswered' : 'answered'}`);
  }

  private auditWork(event: CustomResourceEvent): void {
    const answer = this.world.answers.answerTo(event);
    if (event.RequestType === 'Delete') {
      expect(answer).toMatchObject({ status: 'SUCCESS', physicalId: event.PhysicalResourceId });
      return;
    }
    const order = orderOf(event);
    const refused = this.refusals > 0;
    if (refused) this.refusals--;
    const { tags } = this.world.registry.repository(order.destination);
    if (answer === undefined) {
      this.model.cutOff(order, tags);
      return;
    }
    const expected: Expected = refused ? { status: 'FAILED' } : this.model.copy(order, tags);
    expect(answer.status).toBe(expected.status);
    if (expected.status === 'SUCCESS') expect(answer.data).toEqual({ DigestHex: expected.DigestHex, Tag: expected.Tag });
    this.auditId(`${event.StackId} ${order.destination}`, answer.physicalId ?? '');
    const source = this.model.source.has(order.source) ? '' : ' without its source';
    this.note(`${event.RequestType} ${answer.status}${source}`);
  }

  /** One physical id for each destination, and for no other. */
  private auditId(destination: string, id: string): void {
    expect(id).toBe(this.ids.get(destination) ?? id);
    this.ids.set(destination, id);
    expect(new Set(this.ids.values()).size).toBe(this.ids.size);
  }

  /** The tags are those of the model, each one on a complete image, and every earlier image still exists. */
  private auditRegistry(): void {
    for (const [name, tags] of this.model.destinations) {
      const repository = this.world.registry.repository(name);
      expect(this.world.tags(name)).toEqual(Object.fromEntries(tags));
      const images = this.images.get(name) ?? new Set();
      this.images.set(name, images);
      [...tags.values()].forEach(digest => images.add(digest));
      expect([...images].filter(digest => !isComplete(repository, digest))).toEqual([]);
    }
  }
}

function orderOf({ ResourceProperties = {} }: CustomResourceEvent): Order {
  const { Source, Destination, LiveTagPrefix, Tags = [], FloatingTags = [] } = ResourceProperties;
  return {
    source: String(Source).replace(/^.*:/, ''),
    destination: String(Destination).replace(/^[^/]*\//, ''),
    liveTagPrefix: String(LiveTagPrefix),
    tags: Tags as string[],
    floatingTags: FloatingTags as string[],
  };
}
