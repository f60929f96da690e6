import { Properties, Stack, StackOptions } from './cloudformation';
import { AnswerBox } from './cloudformation-answers';
import { CopyFunction, PASSWORD } from './cloudformation-function';
import { AsyncInvocation } from './cloudformation-lambda';
import { TestRegistry, TestRegistryOptions } from './registry';
import { TestImage, sha256 } from './registry-images';
import { TestRepository } from './registry-store';

/** A registry, the function in its Lambda, and the bucket that takes the answers. */
export class World {
  public static async open(options: TestRegistryOptions = {}): Promise<World> {
    return new World(await TestRegistry.start({ basic: `AWS:${PASSWORD}`, ...options }), await AnswerBox.start());
  }

  /** Opens one whose source has some images, each under a tag. */
  public static async offering(images: Readonly<Record<string, TestImage>>, options?: TestRegistryOptions): Promise<World> {
    const world = await World.open(options);
    Object.entries(images).forEach(([tag, each]) => world.publish(each, tag));
    return world;
  }

  public readonly function: CopyFunction;
  public readonly lambda: AsyncInvocation;

  private constructor(public readonly registry: TestRegistry, public readonly answers: AnswerBox) {
    this.function = new CopyFunction(registry);
    this.lambda = new AsyncInvocation(this.function.handler);
  }

  /** A stack whose events go to the function. */
  public stack(options?: StackOptions): Stack {
    return new Stack(this.lambda.invoke, this.answers, options);
  }

  /** Properties of the custom resource, for `assets:<image>` into `team/web` unless told otherwise. */
  public properties(image: string, changes: Properties = {}): Properties {
    const { host } = this.registry;
    return { SchemaVersion: '1', Source: `${host}/assets:${image}`, Destination: `${host}/team/web`, LiveTagPrefix: 'live-web.', ...changes };
  }

  /** Puts an image where the CDK CLI would have put it. */
  public publish(image: TestImage, tag: string): void {
    this.registry.repository('assets').add(image, tag);
  }

  /** Takes an image away from there, as the lifecycle rule of the bootstrap repository does. */
  public expire(image: TestImage, tag: string): void {
    const { tags, manifests } = this.registry.repository('assets');
    tags.delete(tag);
    [image, ...image.children].forEach(each => manifests.delete(each.digest));
  }

  /** Name and digest of all tags of a repository. */
  public tags(repository: string): Readonly<Record<string, string>> {
    return Object.fromEntries(this.registry.repository(repository).tags);
  }

  /** Ends all connections. */
  public async close(): Promise<void> {
    await Promise.all([this.registry.stop(), this.answers.stop()]);
  }
}

/** The tag that keeps an image from expiring. */
export function live(image: TestImage, prefix = 'live-web.'): string {
  return prefix + image.digest.slice(7, 19);
}

/** Whether everything below a manifest is there, down to the last blob. */
export function isComplete(repository: TestRepository, digest: string): boolean {
  const manifest = repository.manifests.get(digest);
  if (manifest === undefined || sha256(manifest.bytes) !== digest) return false;
  const { manifests = [], config, layers = [] }: {
    readonly manifests?: readonly { readonly digest: string }[];
    readonly config?: { readonly digest: string };
    readonly layers?: readonly { readonly digest: string }[];
  } = JSON.parse(manifest.bytes.toString());
  const blobs = [...(config === undefined ? [] : [config]), ...layers];
  return blobs.every(blob => repository.blobs.has(blob.digest)) && manifests.every(child => isComplete(repository, child.digest));
}
