import { Properties, Stack, StackOptions } from './cloudformation';
import { AnswerBox } from './cloudformation-answers';
import { CopyFunction, PASSWORD } from './cloudformation-function';
import { AsyncInvocation } from './cloudformation-lambda';
import { TestRegistry, TestRegistryOptions } from './registry';
import { TestImage, sha256 } from './registry-images';
import { TestRepository } from './registry-store';

/** A registry, the Lambda function, and the bucket for the responses. */
export class World {
  public static async open(options: TestRegistryOptions = {}): Promise<World> {
    return new World(await TestRegistry.start({ basic: `AWS:${PASSWORD}`, ...options }), await AnswerBox.start());
  }

  /** Creates one whose source has some images, each with a tag. */
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

  /** A stack whose events are sent to the function. */
  public stack(options?: StackOptions): Stack {
    return new Stack(this.lambda.invoke, this.answers, options);
  }

  /** Properties of the custom resource, for `assets:<image>` to `team/web` by default. */
  public properties(image: string, changes: Properties = {}): Properties {
    const { host } = this.registry;
    return { SchemaVersion: '1', Source: `${host}/assets:${image}`, Destination: `${host}/team/web`, LiveTagPrefix: 'live-web.', ...changes };
  }

  /** Puts an image where the CDK CLI would put it. */
  public publish(image: TestImage, tag: string): void {
    this.registry.repository('assets').add(image, tag);
  }

  /** Deletes an image there, like the lifecycle rule of the bootstrap repository. */
  public expire(image: TestImage, tag: string): void {
    const { tags, manifests } = this.registry.repository('assets');
    tags.delete(tag);
    [image, ...image.children].forEach(each => manifests.delete(each.digest));
  }

  /** Name and digest of all tags of a repository. */
  public tags(repository: string): Readonly<Record<string, string>> {
    return Object.fromEntries(this.registry.repository(repository).tags);
  }

  /** Closes all connections. */
  public async close(): Promise<void> {
    await Promise.all([this.registry.stop(), this.answers.stop()]);
  }
}

/** The tag that protects an image from lifecycle rules. */
export function live(image: TestImage, prefix = 'live-web.'): string {
  return prefix + image.digest.slice(7, 19);
}

/** Whether everything below a manifest exists, including every blob. */
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
