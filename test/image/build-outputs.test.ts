import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageSource } from '../../src';
import { publish, publishSource } from '../helpers/build-context';
import { APP } from '../helpers/stack';

const NO_IMAGE = [
  ['type=oci,dest=image.tar'], ['type=oci'], ['type=tar,dest=image.tar'], ['type=local,dest=out'], ['type=cacheonly'], ['type=docker,dest=image.tar'], ['out'], ['-'],
  ['dest=out,type=local'], ['"type=local","dest=a b"'], ['type=local,dest=out', 'type=tar,dest=image.tar'],
];

const MESSAGE = "'outputs' must leave an image in Docker, because the CDK CLI pushes it from there, got [";

describe('a build without an image to push is rejected:', () => {
  test.each(NO_IMAGE)('%s', (...outputs) => {
    expect(() => publish(APP, { outputs })).toThrow(MESSAGE);
  });

  test('of a DockerImageAsset, too', () => {
    const source = () => publishSource(stack => ImageSource.asset(new DockerImageAsset(stack, 'Own', { directory: APP, outputs: ['type=oci,dest=image.tar'] })));

    expect(source).toThrow(`Stack/Repository/Images/web: ${MESSAGE}"type=oci,dest=image.tar"]. Leave out 'outputs', or add 'type=docker'.`);
  });
});

test.each([
  [], ['type=docker'], ['type=image'], ['type=docker,name=web'], ['type=registry'], ['TYPE=docker'], ['type=local,dest=out', 'type=docker'], ['"type=image","name=a,b"'],
])('a build with an image to push is accepted: %j', (...outputs) => {
  expect(publish(APP, { outputs }).hashes).toHaveLength(1);
});
