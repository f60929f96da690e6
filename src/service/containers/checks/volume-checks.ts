import { IConstruct } from 'constructs';
import { checkAbsolutePath } from './path-checks';
import { checkObject, hasMethods } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';
import type { Containers } from '../container-options';
import type { TaskVolume } from '../volumes/task-volume';

/** What the containers of a task mount. A volume belongs to the task, so they are looked at together. */
export function checkVolumes(scope: IConstruct, containers: Containers): void {
  const known = new Map<string, TaskVolume>();
  for (const [name, { volumes = {} }] of Object.entries(containers)) {
    const property = `containers.${name}.volumes`;
    checkObject(scope, property, volumes, 'Write volumes: { \'/data\': TaskVolume.ephemeral(\'data\') }, or leave it out.');
    for (const [path, volume] of Object.entries(volumes)) {
      checkMount(scope, `${property}.${path}`, path, volume);
      checkSame(scope, `${property}.${path}`, volume, known);
      volume._definition.check(scope, `${property}.${path}`);
    }
  }
  checkOneManaged(scope, [...known.values()]);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html */
function checkMount(scope: IConstruct, property: string, path: string, volume: TaskVolume): void {
  checkAbsolutePath(scope, property, path);
  if (!hasMethods(volume, 'readOnly')) {
    reject(scope, { property, must: 'be a TaskVolume', got: volume, fix: 'Make one, e.g. TaskVolume.ephemeral(\'data\').' });
  }
  checkPattern(scope, {
    property: `${property}.name`, value: volume.name, pattern: /^[A-Za-z0-9_-]{1,255}$/,
    must: 'have 1 to 255 letters, digits, "-" or "_"', fix: 'Choose a name such as "data".',
  });
}

function checkSame(scope: IConstruct, property: string, volume: TaskVolume, known: Map<string, TaskVolume>): void {
  const other = known.get(volume.name) ?? volume;
  known.set(volume.name, other);
  const [one, two] = [volume._definition.identity, other._definition.identity];
  if (one.length !== two.length || one.some((part, index) => part !== two[index])) {
    reject(scope, {
      property, must: 'be the same volume as the other one of that name', got: volume.name,
      fix: 'Give each its own name, or make one object and mount it in both containers.',
    });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-ebs-config.html */
function checkOneManaged(scope: IConstruct, volumes: TaskVolume[]): void {
  const managed = volumes.filter(volume => volume._definition.isManaged).map(volume => volume.name);
  if (managed.length > 1) {
    reject(scope, {
      property: 'containers', must: 'mount at most one EBS volume, because a task has one', got: managed,
      fix: 'Mount one volume in several containers, or use TaskVolume.efs(…) for the others.',
    });
  }
}
