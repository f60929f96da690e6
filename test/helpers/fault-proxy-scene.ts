import { FaultProxy } from './fault-proxy';
import { BearerGate } from './fault-proxy-bearer';
import { SimulatedClock } from './fault-proxy-clock';
import { FaultPlan, FaultRule } from './fault-proxy-plan';
import { Aim, Run } from './invariants';
import { incompleteTags } from './invariants-images';
import { CANARIES, SecretPlace, passwordOf } from './invariants-secrets';
import { TestRegistry } from './registry';
import { noSecret } from './registry-copy';
import { TestImage, image } from './registry-images';
import { TestRepository } from './registry-store';
import { copyWork, serveImageCopy } from '../../src/copy/handler/copy-work';
import { ImageCopyProperties } from '../../src/copy/image-copy-properties';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { Clock } from '../../src/engine/clock';
import { CredentialsProvider } from '../../src/engine/contract';

/** The source and the destination of a copy. */
export interface SceneOptions {
  readonly image: TestImage;
  /** Whether source and destination are repositories of one registry, with immutable tags. @default false */
  readonly oneRegistry?: boolean;
  /** Random number for retries. @default - always one half */
  readonly random?: () => number;
}

/** A registry behind a gate behind a proxy. */
interface Place {
  readonly registry: TestRegistry;
  readonly proxy: FaultProxy;
  readonly gate?: BearerGate;
}

/** The directly visible results of a delivery. */
export type Played = Pick<Run, 'answers' | 'logs' | 'thrown' | 'pending'>;

const REMAINING_MILLISECONDS = 900_000;
const PATIENCE_REAL_MILLISECONDS = 20_000;

/** One copy through the handler, with proxies before all registries; can be repeated. */
export class Scene {
  public static async start(options: SceneOptions): Promise<Scene> {
    const plan = new FaultPlan();
    const place = async (name: SecretPlace, more: Parameters<typeof TestRegistry.start>[0] = {}): Promise<Place> => {
      const registry = await TestRegistry.start(more);
      const gate = name === 'storage' ? undefined : new BearerGate(passwordOf(name), `${CANARIES[name]}-token`);
      return { registry, gate, proxy: await FaultProxy.start({ upstream: registry.origin, name, plan, gate }) };
    };
    if (options.oneRegistry) {
      const only = await place('destination', { immutableTags: true });
      return new Scene(plan, options, only, only);
    }
    const storage = await place('storage');
    const source = await place('source', { redirectBlobsTo: storage.proxy.origin });
    return new Scene(plan, options, source, await place('destination'), storage);
  }

  public readonly image: TestImage;
  private readonly old = image('old');

  private constructor(
    public readonly plan: FaultPlan,
    private readonly options: SceneOptions,
    private readonly source: Place,
    private readonly destination: Place,
    private readonly storage?: Place,
  ) {
    this.image = options.image;
    source.registry.add('assets', options.image, 'abc');
    storage?.registry.repository('assets').add(options.image);
    this.clear();
  }

  /** The destination of the copy. */
  public get target(): TestRepository {
    return this.destination.registry.repository('team/web');
  }

  /** Exact host of a side. */
  public hostOf(side: 'source' | 'destination'): string {
    return this[side].proxy.host;
  }

  /** The tags that a copy writes. */
  public get tags(): readonly string[] {
    return [`live-web.${this.image.digest.slice(7, 19)}`, ...(this.options.oneRegistry ? [] : ['latest'])];
  }

  /** The expected result of a copy, based on the trace of a successful one. */
  public aim(clean: Run): Aim {
    return { repository: this.target, image: this.image, tags: this.tags, clean: clean.trace };
  }

  /** Empties the destination, except for an old image. */
  public clear(): void {
    const { blobs, manifests, tags } = this.target;
    [blobs, manifests, tags].forEach(map => map.clear());
    this.target.add(this.old, 'old');
    // A floating tag was on another image before.
    if (!this.options.oneRegistry) this.target.add(this.old, 'latest');
  }

  /** Delivers the event once, on a simulated clock. */
  public async deliver(rules: readonly FaultRule[] = []): Promise<Run> {
    const clock = new SimulatedClock(this.options.random);
    const [answers, logs]: [string[], string[]] = [[], []];
    const work = copyWork({ clock, secret: noSecret, credentials: this.credentials(), origins: () => this.origins() });
    const send = async ({ body }: { readonly body: string }) => {
      answers.push(body);
      return { status: 200, body: '' };
    };
    this.plan.onMove = () => clock.moved();
    return this.observe(rules, clock.otherEnd(), async () => {
      const served = serveImageCopy(this.event(), { getRemainingTimeInMillis: () => REMAINING_MILLISECONDS }, work, {
        clock, send, log: line => logs.push(line),
      });
      const thrown = await withinPatience(served);
      return { answers, logs, thrown, pending: clock.pending };
    });
  }

  /** Watches the destination and the connections during a run. */
  public async observe(rules: readonly FaultRule[], clock: Clock, play: () => Promise<Played>): Promise<Run> {
    const { plan, target } = this;
    const broken = new Set<string>();
    const [tagsBefore, blobsBefore] = [new Map(target.tags), new Set(target.blobs.keys())];
    this.places.forEach(({ registry }) => registry.requests.splice(0));
    plan.begin(rules, clock);
    plan.onHandled = () => incompleteTags(target).forEach(sentence => broken.add(sentence));
    const started = clock.now();
    const played = await play();
    const elapsed = clock.now() - started;
    const connections = await closed(this.places.map(({ proxy }) => proxy));
    return { ...played, trace: plan.trace, elapsed, connections, incomplete: [...broken], tagsBefore, blobsBefore };
  }

  /** Closes all connections. */
  public async stop(): Promise<void> {
    for (const { proxy, registry } of this.places) {
      await proxy.stop();
      await registry.stop();
    }
  }

  /** The event as CloudFormation sends it. */
  public event(more: Partial<ImageCopyProperties> = {}): CustomResourceEvent {
    const tags = this.options.oneRegistry ? {} : { FloatingTags: ['latest'] };
    return {
      RequestType: 'Create',
      ResponseURL: `https://cloudformation.example/answer?X-Amz-Signature=${CANARIES.cloudFormation}`,
      StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Web/1',
      RequestId: 'request-1',
      LogicalResourceId: 'WebImage',
      ResourceProperties: {
        SchemaVersion: '1', Source: `${this.hostOf('source')}/assets:abc`, Destination: `${this.hostOf('destination')}/team/web`, LiveTagPrefix: 'live-web.', ...tags, ...more,
      },
    };
  }

  /** The real addresses of the registries; any other host must not have a private address. */
  public origins(): Record<string, string> {
    return Object.fromEntries(this.places.map(({ proxy }) => [proxy.host, proxy.origin]));
  }

  private get places(): readonly Place[] {
    return [...new Set([this.source, this.destination, ...(this.storage === undefined ? [] : [this.storage])])];
  }

  private credentials(): CredentialsProvider {
    const known = new Map(([['source', this.source], ['destination', this.destination]] as const).map(([name, { proxy }]) => [proxy.host, name]));
    return {
      credentialsFor: async host => {
        const place = known.get(host);
        return place === undefined ? undefined : passwordOf(place);
      },
    };
  }
}

/** The thrown error. If nothing happens any more in real time, that is a finding too. */
async function withinPatience(work: Promise<void>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const guard = new Promise<Error>(resolve => { timer = setTimeout(() => resolve(new Error('it hangs')), PATIENCE_REAL_MILLISECONDS); });
  const outcome = await Promise.race([work.then(() => undefined, (error: unknown) => error), guard]);
  clearTimeout(timer);
  return outcome;
}

/** The number of connections that are still open some moments later. */
async function closed(proxies: readonly FaultProxy[]): Promise<number> {
  const open = () => proxies.reduce((sum, { connections }) => sum + connections, 0);
  for (let turns = 0; turns < 1000 && open() > 0; turns++) await new Promise(resolve => setImmediate(resolve));
  return open();
}
