import { IConstruct } from 'constructs';
import { checkValue, isObject } from '../private/shape';
import { reject } from '../private/validation';
import { ContainerOptions, Containers } from '../service/containers/container-options';

/** The name that Express Mode requires for the container that receives the requests. */
export const MAIN = 'Main';

/** The fix for missing or misspelled containers. */
export const CONTAINERS_FIX = 'Write containers: { Main: { image, port: 8080 } }.';

/**
 * Rejects containers that are valid on Fargate, but not in Express Mode.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateExpressGatewayService.html
 */
export function checkExpressContainers(scope: IConstruct, containers: Containers): void {
  const main: ContainerOptions | undefined = containers[MAIN];
  if (!isObject(main)) {
    reject(scope, {
      property: 'containers', must: `have a container named "${MAIN}", to which Express Mode sends the requests`, got: Object.keys(containers), fix: CONTAINERS_FIX,
    });
  }
  const property = `containers.${MAIN}`;
  checkValue(scope, `${property}.port`, main.port, { kind: 'integer', min: 1, max: 65535, fix: 'Use the port that the container listens on, e.g. 8080.', required: true });
  if ((main.additionalPorts ?? []).length > 0) {
    reject(scope, {
      property: `${property}.additionalPorts`, must: 'be left out, because Express Mode accepts one port', got: main.additionalPorts,
      fix: 'Remove them, or use FargateService.',
    });
  }
  for (const [name, { volumes = {} }] of Object.entries(containers)) {
    for (const [path, { _definition: definition }] of Object.entries(volumes)) {
      if (definition.isManaged) {
        reject(scope, {
          property: `containers.${name}.volumes.${path}`, must: 'not be an EBS volume, because Express Mode creates none', got: 'an EBS volume',
          fix: 'Use TaskVolume.ephemeral(…) or TaskVolume.efs(…), or use FargateService.',
        });
      }
    }
  }
}
