import { HostileServer, Resolver } from './hostile';
import { TestRegistry, TestRegistryOptions } from './registry';
import { TestClock } from './registry-clock';
import { failureOf, live, passwordFor } from './registry-copy';
import { TestImage, image } from './registry-images';
import { CopyHooks, CopyOptions, CopyResult } from '../../src/engine/contract';
import { copyImage } from '../../src/engine/copy';
import { Side } from '../../src/engine/errors';

/** The name of the registry that is attacked, or attacks. */
export const NAME = 'registry.example';
/** Its secret. */
export const PASSWORD = 'Password-Canary/1';
/** The secret in its encoded form. */
const BASIC = Buffer.from(`me:${PASSWORD}`).toString('base64');

/**
 * A copy between `registry.example`, for which there are credentials, and a harmless registry. Next to them is a trap
 * that must not receive anything.
 */
export class Scene {
  public static async open(options: TestRegistryOptions = {}, side: Side = 'source'): Promise<Scene> {
    const [registry, peer, trap] = await Promise.all([TestRegistry.start(options), TestRegistry.start(), HostileServer.start()]);
    const scene = new Scene(side, registry, peer, trap);
    scene.offer(scene.image);
    return scene;
  }

  public readonly image: TestImage = image('web');
  /** Resolves only `registry.example`, to loopback. */
  public readonly resolver = new Resolver({ [NAME]: [['127.0.0.1']] });

  private constructor(
    private readonly side: Side,
    /** The registry with the name and the credentials. */
    public readonly registry: TestRegistry,
    public readonly peer: TestRegistry,
    /** Records all requests. Its address is private, like all addresses here. */
    public readonly trap: HostileServer,
  ) {}

  /** Puts another image into the source. */
  public offer(what: TestImage): void {
    (this.side === 'source' ? this.registry : this.peer).repository('assets').add(what, 'abc');
  }

  /** Copies `assets:abc` to `team/web`. */
  public async copy({ origins, referrers, ...hooks }: CopyHooks & Pick<CopyOptions, 'referrers'> = {}): Promise<CopyResult> {
    const [from, to] = this.side === 'source' ? [NAME, this.peer.host] : [this.peer.host, NAME];
    return copyImage({ host: from, repository: 'assets', version: 'abc' }, { host: to, repository: 'team/web' }, { tags: live, referrers }, {
      clock: new TestClock(),
      credentials: passwordFor(NAME, `me:${PASSWORD}`),
      lookup: this.resolver.lookup,
      origins: { [NAME]: this.registry.origin, [this.peer.host]: this.peer.origin, ...origins },
      ...hooks,
    });
  }

  /** The error of the copy. */
  public async failure(hooks?: CopyHooks): Promise<Error> {
    return failureOf(this.copy(hooks));
  }

  /** The resolved names, except that of the registry. */
  public get strangers(): readonly string[] {
    return this.resolver.asked.filter(name => name !== NAME);
  }

  /** Closes all connections. */
  public async close(): Promise<void> {
    await Promise.all([this.registry.stop(), this.peer.stop(), this.trap.stop()]);
  }
}

/** Whether a request, a message or a log line contains the secret. */
export function carriesPassword(what: unknown): boolean {
  const text = what instanceof Error ? `${what.message}\n${what.stack}\n${JSON.stringify(what)}` : JSON.stringify(what);
  return [PASSWORD, BASIC].some(form => text.includes(form));
}
