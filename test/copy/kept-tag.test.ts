import { ImageRepository, ImageSource, LifecycleImage, Retention } from '../../src';
import { decodeCopy, keptTag, liveTag } from '../../src/copy/handler/decode';
import { newStack, Template } from '../helpers/stack';

const NOW = new Date('2030-01-01T00:00:00Z');
const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** The images that the lifecycle rules delete, with the tags that the template tells the function to write. */
function gone(tagsOf: (order: ReturnType<typeof decodeCopy>) => string[]): string[] {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository', { retention: Retention.keepForRollback(1) });
  repository.publish('web', ImageSource.registry('nginx:1'));
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageCopy'));
  const order = decodeCopy({ ...Properties, Destination: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web' });
  const newer = Array.from({ length: 3 }, (_, at): LifecycleImage => ({
    digest: `newer-${at}`, tags: [`${order.liveTagPrefix}${at}`], pushedAt: new Date(NOW.getTime() - at),
  }));
  const old: LifecycleImage = { digest: DIGEST, tags: tagsOf(order), pushedAt: new Date('2020-01-01T00:00:00Z') };
  return repository.lifecycleSimulator.simulate([...newer, old], NOW).map(({ image: { digest } }) => digest);
}

test('the tag that the function writes when an image is deployed again is the tag that the lifecycle rules protect', () => {
  expect(gone(order => [liveTag(order, DIGEST), keptTag(order, DIGEST)])).not.toContain(DIGEST);
  expect(gone(order => [liveTag(order, DIGEST)])).toContain(DIGEST);
});
