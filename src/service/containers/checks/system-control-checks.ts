import { Token } from 'aws-cdk-lib';
import { SystemControl } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkList, checkObject } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';
import type { Containers } from '../container-options';

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html
const NAMESPACED = /^(net\.[^\s]+|fs\.mqueue\.[^\s]+|kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced))$/;
const FIX = 'Write systemControls: [{ namespace: \'net.core.somaxconn\', value: \'1024\' }], or leave it out.';

/** Settings of the kernel that a container has of its own, each once. */
export function checkSystemControls(scope: IConstruct, property: string, controls: SystemControl[] = []): void {
  checkList(scope, property, controls, FIX);
  controls.forEach((control, index) => {
    checkObject(scope, property, control, FIX);
    const { namespace, value } = control;
    checkPattern(scope, {
      property, value: namespace, pattern: NAMESPACED,
      must: 'name settings that a container can have of its own: net.…, fs.mqueue.…, or kernel.msg…, kernel.sem, kernel.shm…', fix: FIX,
    });
    checkPattern(scope, { property: `${property}.${namespace}`, value, pattern: /./, must: 'be a text', fix: FIX });
    if (controls.findIndex(other => other.namespace === namespace) !== index) {
      reject(scope, { property, must: 'name each setting once', got: namespace, fix: 'Keep one of the two.' });
    }
  });
}

/** Containers of a task share its network, and whichever starts last would win. */
export function checkSharedSystemControls(scope: IConstruct, containers: Containers): void {
  const known = new Map<string, { owner: string; value: string }>();
  for (const [owner, { systemControls = [] }] of Object.entries(containers)) {
    for (const { namespace, value } of systemControls.filter(each => each.namespace.startsWith('net.'))) {
      const other = known.get(namespace) ?? { owner, value };
      known.set(namespace, other);
      if (other.value !== value && !Token.isUnresolved(other.value) && !Token.isUnresolved(value)) {
        reject(scope, {
          property: `containers.${owner}.systemControls.${namespace}`, must: `be as in '${other.owner}', because containers of a task share its network`,
          got: value, fix: 'Give both the same, or leave one out.',
        });
      }
    }
  }
}
