import { story } from './story';

/** Also after a failure, nothing of the local cloud is left behind. */
export default async function teardown(): Promise<void> {
  await story().cloud.stop();
}
