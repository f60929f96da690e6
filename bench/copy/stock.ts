import { ImageSize, Scenario } from './results';
import { ImagePusher, LayerSpec, PushedImage } from '../machine/images';
import { LocalRegistry } from '../machine/registry';
import { Workspace } from '../machine/workspace';
import { TAG, liveTagOf } from '../tools/tool';

/** An image to copy, and the content of the registries before. */
export interface Task {
  readonly scenario: Scenario;
  readonly size: ImageSize;
  /** Repository of the source. */
  readonly repository: string;
  readonly image: PushedImage;
  /** Content of the source registry. */
  readonly sourceStorage: string;
  /** Content of the destination, if it is another registry. */
  readonly destinationStorage?: string;
}

/** The destination of copies. */
export const DESTINATION = 'delivered/image';

/** This repository already has the copy. */
export const DELIVERED = 'delivered/unchanged';

const MEGABYTE = 1_000_000;
const CHANGED_LAYER: readonly LayerSpec[] = ['old', 'new'].map(seed => ({ seed: `changed-${seed}`, bytes: MEGABYTE }));
const GIBIBYTE = 2 ** 30;
// For an existing image only the manifest is requested, except by Docker, which pulls all of it each time.
const LARGEST_UNCHANGED = 500;

/** Creates the images once and pushes them into registries. Every run gets a copy of their content. */
export async function stock(sizes: readonly ImageSize[], singleLayer: boolean, workspace: Workspace): Promise<Task[]> {
  const sourceStorage = workspace.newFolder('source');
  const oldStorage = workspace.newFolder('old');
  const empty = workspace.newFolder('empty');
  const source = await LocalRegistry.start(sourceStorage, workspace);
  const destination = await LocalRegistry.start(oldStorage, workspace);
  const tasks: Task[] = [];
  const pusher = new ImagePusher(source.origin);
  for (const size of sizes) {
    const repository = `images/of-${size.megabytes}-mb`;
    const image = await pusher.push(repository, oneTag, layersOf(size));
    const task = { size, repository, image, sourceStorage };
    tasks.push({ ...task, scenario: 'same registry' }, { ...task, scenario: 'other registry', destinationStorage: empty });
  }

  const unchanged = tasks.filter(({ size }) => size.megabytes <= LARGEST_UNCHANGED).pop() ?? tasks[0];
  await pusher.push(DELIVERED, digest => [TAG, liveTagOf(digest)], layersOf(unchanged.size));
  tasks.push({ ...unchanged, destinationStorage: undefined, scenario: 'unchanged image' });

  const largest = sizes[sizes.length - 1];
  const [before, after] = CHANGED_LAYER.map(layer => [...layersOf(largest), layer]);
  const image = await pusher.push('images/changed', oneTag, after);
  await new ImagePusher(destination.origin).push(DESTINATION, () => ['old'], before);
  const size = { ...largest, layers: after.length };
  tasks.push({ scenario: 'one changed layer', size, repository: 'images/changed', image, sourceStorage, destinationStorage: oldStorage });

  if (singleLayer) {
    const repository = 'images/single-layer';
    const single = await pusher.push(repository, oneTag, [{ seed: 'single', bytes: 2 * GIBIBYTE }]);
    const only = { megabytes: Math.round(2 * GIBIBYTE / MEGABYTE), layers: 1 };
    tasks.push({ scenario: 'one 2 GiB layer', size: only, repository, image: single, sourceStorage, destinationStorage: empty });
  }
  await source.stop();
  await destination.stop();
  return tasks;
}

function oneTag(): string[] {
  return [TAG];
}

function layersOf({ megabytes, layers }: ImageSize): LayerSpec[] {
  return Array.from({ length: layers }, (_, index) => ({ seed: `${megabytes}-mb-layer-${index}`, bytes: megabytes * MEGABYTE / layers }));
}

/** The required storage, including the largest run: an uploaded copy exists twice for a moment. */
export function bytesNeeded(sizes: readonly ImageSize[], singleLayer: boolean): number {
  const images = sizes.map(({ megabytes }) => megabytes * MEGABYTE).concat(singleLayer ? [2 * GIBIBYTE] : []);
  return images.reduce((total, one) => total + one, 0) + 3 * Math.max(...images);
}
