import { TestRegistry } from './registry';
import { TestClock } from './registry-clock';
import { CopyHooks, CopyOptions, CopyResult, CredentialsProvider, TagRequest, ImageReference } from '../../src/engine/contract';
import { copyImage } from '../../src/engine/copy';

/** Registries that are stopped after every test. */
export class Registries {
  private readonly running: TestRegistry[] = [];

  /** Starts a registry. */
  public async start(options?: Parameters<typeof TestRegistry.start>[0]): Promise<TestRegistry> {
    const registry = await TestRegistry.start(options);
    this.running.push(registry);
    return registry;
  }

  /** Stops all registries. */
  public async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map(async registry => registry.stop()));
  }

  /** Copies an image to `team/web` of a registry, with the live tag of the handler unless other tags are given. */
  public async copy(
    source: ImageReference,
    destination: TestRegistry,
    { tags = live, sourceTag, referrers, platforms, ...hooks }: CopyHooks & Partial<CopyOptions> = {},
  ): Promise<CopyResult> {
    const servers = this.running.flatMap(registry => [registry, registry.storage ?? registry]);
    const origins = Object.fromEntries(servers.map(({ host, origin }) => [host, origin]));
    return copyImage(source, { host: destination.host, repository: 'team/web' }, { tags, sourceTag, referrers, platforms }, { clock: new TestClock(), origins, ...hooks });
  }
}

/** The current credentials of some registries; after a rejection only new ones. */
export function rightful(...registries: readonly TestRegistry[]): CredentialsProvider {
  return {
    credentialsFor: async (host, rejected) => {
      const credentials = registries.find(registry => registry.host === host)?.credentials;
      return credentials?.password === rejected?.password ? undefined : credentials;
    },
  };
}

/** The tag that the handler would choose. */
export function live(digest: string): TagRequest[] {
  return [{ name: `live-web.${digest.slice(7, 19)}`, onOtherDigest: 'fail' }];
}

/** An immutable tag. */
export function fixed(...names: string[]): () => TagRequest[] {
  return () => names.map(name => ({ name, onOtherDigest: 'fail' }));
}

/** `user:password` for one exact host. */
export function passwordFor(host: string, userAndPassword: string): CredentialsProvider {
  const [username, password] = userAndPassword.split(':');
  return { credentialsFor: async asked => asked === host ? { username, password } : undefined };
}

/** Code that needs no secret must not read one. */
export async function noSecret(arn: string): Promise<never> {
  throw new Error(`the secret ${arn} must not be read`);
}

/** The rejection of a promise. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.then(() => undefined, (error: unknown) => error);
  if (outcome instanceof Error) return outcome;
  throw new Error('it should have failed');
}
