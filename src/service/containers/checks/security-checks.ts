import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkAbsolutePath } from './path-checks';
import { checkMebibytes } from './size-checks';
import { checkList, checkObject } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';
import type { ContainerOptions, Containers } from '../container-options';
import type { HardenedContainerOptions } from '../container-security';

export function checkSecurity(scope: IConstruct, property: string, options: HardenedContainerOptions, factory: 'hardened' | 'readOnlyRoot'): void {
  checkObject(scope, property, options, `Give options in brackets, or nothing: ContainerSecurity.${factory}().`);
  const { user, writable = [], writableSize } = options;
  if (user !== undefined && factory === 'readOnlyRoot') {
    reject(scope, { property: `${property}.user`, must: 'be said of the container', got: user, fix: 'Write it as user of the container, beside security.' });
  }
  if (user !== undefined) {
    checkPattern(scope, {
      property: `${property}.user`, value: user, pattern: /^(?!0+(:|$))\d{1,10}(:\d{1,10})?$/,
      must: 'be the number of a user other than root, or of a user and a group', fix: 'Give what \'docker run --entrypoint id <image>\' says, e.g. "1000:1000".',
    });
  }
  checkList(scope, `${property}.writable`, writable, 'Give a list of directories such as ["/tmp"], or leave it out.');
  writable.forEach((path, index) => {
    checkAbsolutePath(scope, `${property}.writable`, path);
    if (writable.indexOf(path) !== index) {
      reject(scope, { property: `${property}.writable`, must: 'name each directory once', got: path, fix: 'Leave the second one out.' });
    }
  });
  checkMebibytes(scope, `${property}.writableSize`, writableSize);
}

/** What the container says elsewhere about the same things. */
export function checkSecurityOf(scope: IConstruct, container: string, { user, volumes = {}, security }: ContainerOptions): void {
  if (user !== undefined && security?._isHardened) {
    reject(scope, {
      property: `${container}.user`, must: 'be left out, because \'security\' says who the process runs as',
      got: user, fix: 'Write security: ContainerSecurity.hardened({ user: \'1000\' }).',
    });
  }
  // What nobody asked for gives way to a volume; what somebody asked for and cannot have is told.
  const mounted = security?._writable?.find(path => !Token.isUnresolved(path) && Object.hasOwn(volumes, path));
  if (mounted !== undefined) {
    reject(scope, {
      property: `${container}.security.writable`, must: 'not name a directory at which a volume is mounted', got: mounted, fix: 'Keep one of the two.',
    });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-considerations */
export function checkExecuteCommand(scope: IConstruct, containers: Containers): void {
  for (const [name, { security }] of Object.entries(containers)) {
    if (security !== undefined) {
      reject(scope, {
        property: 'enableExecuteCommand', must: 'be left out while a container has a read-only root filesystem, to which its agent writes',
        got: true, fix: `Leave out one of the two: enableExecuteCommand, or the security of '${name}'.`,
      });
    }
  }
}
