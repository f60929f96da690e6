import { Token } from 'aws-cdk-lib';
import { VersionConsistency } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkAwsvpc } from './checks/awsvpc-checks';
import { checkDependencies } from './checks/dependency-checks';
import { checkEnvironment } from './checks/environment-checks';
import { checkLifecycle } from './checks/lifecycle-checks';
import { checkPorts } from './checks/port-checks';
import { checkProcess } from './checks/process-checks';
import { checkResources } from './checks/resource-checks';
import { checkSecurityOf } from './checks/security-checks';
import { checkSharedSystemControls } from './checks/system-control-checks';
import { checkVolumes } from './checks/volume-checks';
import { CONTAINER_NAMES } from './container-names';
import { ContainerOptions, Containers } from './container-options';
import { namesWithLogRouter } from './log-router';
import { ImageSource } from '../../image/image-source';
import { checkBindable, checkObject, checkOneOf, hasMethods } from '../../private/check-types';
import { checkSpelling } from '../../private/spelling';
import { checkPattern, reject, Violation } from '../../private/validation';

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const MAX_CONTAINERS = 10;

/**
 * What AWS would refuse or what cannot run, found at synthesis.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 */
export function checkContainers(scope: IConstruct, containers: Containers): void {
  checkObject(scope, 'containers', containers ?? {}, 'Write containers: { web: { image, port: 80 } }.');
  const all = Object.entries(containers ?? {});
  if (all.length === 0) {
    reject(scope, { property: 'containers', must: 'have at least one container', got: [], fix: 'Add one: containers: { web: { image, port: 80 } }.' });
  }
  all.forEach(([name, container]) => checkContainer(scope, name, container));
  const names = namesWithLogRouter(containers);
  if (names.length > MAX_CONTAINERS) {
    reject(scope, { property: 'containers', must: `have at most ${MAX_CONTAINERS} containers`, got: names, fix: 'Spread them over several services.' });
  }
  if (all.every(([, container]) => container.essential === false)) {
    reject(scope, {
      property: 'containers', must: 'have a container that is essential', got: all.map(([name]) => name),
      fix: 'Leave \'essential\' out for the container that does the work.',
    });
  }
  checkPorts(scope, containers);
  checkDependencies(scope, containers);
  checkVolumes(scope, containers);
  checkSharedSystemControls(scope, containers);
}

function checkContainer(scope: IConstruct, name: string, container: ContainerOptions): void {
  const property = `containers.${name}`;
  checkPattern(scope, {
    property, value: name, pattern: /^[A-Za-z0-9_-]{1,255}$/,
    must: 'be named with 1 to 255 letters, digits, "-" or "_"', fix: 'Choose a name such as "web".',
  });
  const image: unknown = container?.image;
  if (image instanceof ImageSource) {
    reject(scope, {
      property: `${property}.image`, must: 'be an image that is published', got: image,
      fix: 'Publish it first, and give what that returns: repository.publish(\'web\', source).',
    });
  }
  checkBindable(scope, image, {
    property: `${property}.image`, must: 'be a container image',
    fix: 'Give a PublishedImage, or another image such as ecs.ContainerImage.fromRegistry(\'nginx\').',
  });
  if (!Token.isUnresolved(container.versionConsistency)) {
    checkOneOf(scope, container.versionConsistency, [undefined, ...Object.values(VersionConsistency)], {
      property: `${property}.versionConsistency`, must: 'be a VersionConsistency', fix: 'Use ecs.VersionConsistency.ENABLED or DISABLED, or leave it out.',
    });
  }
  checkAwsvpc(scope, property, container);
  checkSpelling(scope, property, container, CONTAINER_NAMES);
  checkResources(scope, property, container);
  checkProcess(scope, property, container);
  checkEnvironment(scope, property, container);
  checkLifecycle(scope, property, container);
  checkObject(scope, `${property}.volumes`, container.volumes ?? {}, 'Write volumes: { \'/data\': TaskVolume.ephemeral(\'data\') }, or leave it out.');
  if (container.security !== undefined) {
    checkPart(scope, container.security, {
      property: `${property}.security`, must: 'be a ContainerSecurity', got: container.security, fix: 'Make one with brackets: ContainerSecurity.hardened().',
    });
    checkSecurityOf(scope, property, container);
  }
  if (container.logging !== undefined) {
    checkPart(scope, container.logging, {
      property: `${property}.logging`, must: 'be a ContainerLogging', got: container.logging, fix: 'Make one with brackets: ContainerLogging.toCloudWatch().',
    });
  }
}

/** A value object that looks after itself. */
function checkPart(scope: IConstruct, part: { _check(scope: IConstruct, property: string): void }, violation: Violation): void {
  if (!hasMethods(part, '_check')) {
    reject(scope, violation);
  }
  part._check(scope, violation.property);
}
