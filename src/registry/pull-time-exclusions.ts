import { Aspects } from 'aws-cdk-lib';
import { CfnPullTimeUpdateExclusion } from 'aws-cdk-lib/aws-ecr';
import { Construct, IConstruct } from 'constructs';
import { imageReaderRole } from '../private/handler-function';
import { childOf, registryOf } from '../private/stacks';

const ID = 'PullTimeExclusion';

/**
 * Excludes the roles of image checks and scan gates of the app from the pull times of the registry. Each exclusion is in the stack of its role.
 *
 * They may be created after the settings and in other stacks, so they are found at the end of synthesis.
 */
export function excludeReaders(settings: Construct): void {
  const registry = registryOf(settings);
  Aspects.of(settings.node.root).add({
    visit: (node: IConstruct) => {
      const role = imageReaderRole(node);
      if (role === undefined || registryOf(node) !== registry || childOf(node, ID) !== undefined) return;
      new CfnPullTimeUpdateExclusion(node as Construct, ID, { principalArn: role.roleArn });
    },
  });
}
