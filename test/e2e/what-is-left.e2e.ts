import { promise } from './promise';
import { leftovers, story } from './story';

const { cloud, hello } = story();

promise('destroying leaves no container, process, mount or file behind', async () => {
  await hello.destroy();
  expect(hello.runningContainers()).toEqual([]);

  await cloud.stop();
  expect(leftovers(cloud.folder)).toEqual([]);
});
