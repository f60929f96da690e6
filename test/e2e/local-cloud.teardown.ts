import { story } from './story';

/** Also after a failure: nothing of the local cloud stays. */
export default async function teardown(): Promise<void> {
  await story().cloud.stop();
}
