import { ImageRepository, ImageSource, ImageTagMutability } from '../../src';
import { Properties, Stack } from '../helpers/cloudformation';
import { World, live } from '../helpers/cloudformation-world';
import { TestClock } from '../helpers/registry-clock';
import { image } from '../helpers/registry-images';
import { ecr } from '../helpers/registry-profiles';
import { APP, newStack, Template } from '../helpers/stack';

const first = image('first');
const second = image('second');

/** The repository in the template, and the tags of an image in it. */
function synthesized(imageTagMutability: ImageTagMutability, tags: string[]) {
  const stack = newStack();
  new ImageRepository(stack, 'Repository', { imageTagMutability }).publish('web', ImageSource.directory(APP), { tags });
  const template = Template.fromStack(stack);
  const properties = (type: string) => Object.values(template.findResources(type))[0].Properties;
  const { Tags, FloatingTags } = properties('Custom::ContainerImageCopy');
  const { ImageTagMutability: mode, ImageTagMutabilityExclusionFilters: filters = [] } = properties('AWS::ECR::Repository');
  const wildcards = filters.map((each: { ImageTagMutabilityExclusionFilterValue: string }) => each.ImageTagMutabilityExclusionFilterValue.split('*'));
  return { mode: String(mode), wildcards: wildcards as string[][], properties: JSON.parse(JSON.stringify({ Tags, FloatingTags })) as Properties };
}

/** ECR with the repository of the template, and a stack that publishes into it. */
class Deployment {
  public static async open(choice: ImageTagMutability): Promise<Deployment> {
    const { mode, wildcards } = synthesized(choice, []);
    // The meaning of a filter, written a second time: the parts between the wildcards appear in this order.
    const isMatch = (tag: string) => wildcards.some(([beginning, ...rest]) => {
      if (rest.length === 0) return tag === beginning;
      const end = rest[rest.length - 1];
      return tag.startsWith(beginning) && tag.endsWith(end) && rest.slice(0, -1).every(part => tag.includes(part));
    });
    const tags = (tag: string) => mode.startsWith('IMMUTABLE') !== isMatch(tag) ? 'immutable' as const : 'mutable' as const;
    const world = await World.offering({ first, second }, { profile: ecr({ clock: new TestClock(), tags }) });
    // ECR creates no repository by itself.
    world.registry.repository('team/web');
    return new Deployment(choice, world);
  }

  public readonly stack: Stack;

  private constructor(private readonly choice: ImageTagMutability, public readonly world: World) {
    this.stack = world.stack();
  }

  public async of(name: 'first' | 'second', tags: string[], options?: Parameters<Stack['deploy']>[1]): Promise<string> {
    return this.stack.deploy(this.world.properties(name, synthesized(this.choice, tags).properties), options);
  }

  public tags(): unknown {
    return this.world.tags('team/web');
  }
}

const LIVE = { [live(first)]: first.digest, [live(second)]: second.digest };

describe.each<[string, ImageTagMutability]>([
  ['immutableExcept', ImageTagMutability.immutableExcept('latest', 'dev-*')], ['mutableExcept', ImageTagMutability.mutableExcept('v*')],
])('in a repository with %s', (_, choice) => {
  let deployment: Deployment;

  beforeEach(async () => { deployment = await Deployment.open(choice); });
  afterEach(async () => deployment.world.close());

  test('a tag that can move is moved to the next image, and the others stay', async () => {
    expect(await deployment.of('first', ['v1', 'latest', 'dev-1'])).toBe('CREATE_COMPLETE');
    expect(await deployment.of('second', ['v2', 'latest', 'dev-1'])).toBe('UPDATE_COMPLETE');

    expect(deployment.tags()).toEqual({ ...LIVE, 'v1': first.digest, 'v2': second.digest, 'latest': second.digest, 'dev-1': second.digest });
  });

  test('a tag that cannot move fails the deployment, and then no tag has moved', async () => {
    await deployment.of('first', ['v1', 'latest']);
    expect(await deployment.of('second', ['v1', 'latest'])).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(deployment.tags()).toEqual({ [live(first)]: first.digest, v1: first.digest, latest: first.digest });
  });

  test('a tag that was moved goes back when the deployment is rolled back', async () => {
    await deployment.of('first', ['latest']);
    expect(await deployment.of('second', ['latest'], { thenFails: true })).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(deployment.tags()).toEqual({ ...LIVE, latest: first.digest });
  });
});

test('in a repository without exceptions, "latest" can be deployed once', async () => {
  const deployment = await Deployment.open(ImageTagMutability.immutable());
  try {
    expect(await deployment.of('first', ['latest'])).toBe('CREATE_COMPLETE');
    expect(await deployment.of('second', ['latest'])).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(deployment.tags()).toEqual({ [live(first)]: first.digest, latest: first.digest });
  } finally {
    await deployment.world.close();
  }
});
