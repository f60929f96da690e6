import { BlobMountingSetting } from './blob-mounting-setting';
import { Outcome, ResourceKind, Seams, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { AwsSeams } from '../../custom-resource/aws';
import type { BlobMountingData, BlobMountingState } from '../blob-mounting-properties';

type Kind = Omit<ResourceKind, 'name' | 'tooLong'>;

/** Serves `Custom::RegistryBlobMountingBefore`, which looks, and `Custom::RegistryBlobMounting`, which enables. */
export async function serveBlobMounting(event: CustomResourceEvent, context: InvocationContext, seams: Seams & AwsSeams): Promise<void> {
  const setting = new BlobMountingSetting(seams);
  const kind = event.ResourceProperties?.Step === 'Look' ? looking(setting) : enabling(setting);
  await serveCustomResource(event, context, { name: 'the change of the setting', tooLong: 'deploy again', ...kind }, seams);
}

/** The physical id is where CloudFormation keeps what was seen: later, the setting is what the stack has made of it. */
function looking(setting: BlobMountingSetting): Kind {
  return {
    physicalId: event => event.PhysicalResourceId ?? `blob-mounting-before#${resourceHash(event)}`,
    work: async event => {
      const before = seenIn(event.PhysicalResourceId) ?? await setting.read();
      const data: BlobMountingData = { Before: before };
      const physicalId = event.PhysicalResourceId ?? `blob-mounting-before-${before}#${resourceHash(event)}`;
      return { status: 'SUCCESS', summary: `blob mounting was ${before}`, data: { ...data }, physicalId };
    },
    remove: async () => ({ status: 'SUCCESS', summary: 'there is nothing to remove' }),
  };
}

function enabling(setting: BlobMountingSetting): Kind {
  return {
    physicalId: event => event.PhysicalResourceId ?? `blob-mounting#${resourceHash(event)}`,
    work: async () => told(await setting.change('ENABLED'), 'enabled'),
    remove: async ({ ResourceProperties: { OnRemoval, Before } = {} }) => {
      if (OnRemoval !== 'Restore' || Before !== 'DISABLED') return { status: 'SUCCESS', summary: 'blob mounting stays as it is' };
      return told(await setting.change('DISABLED'), 'disabled again');
    },
  };
}

function told(changed: boolean, state: string): Outcome {
  return { status: 'SUCCESS', summary: `blob mounting is ${changed ? 'now' : 'already'} ${state}` };
}

function seenIn(physicalId = ''): BlobMountingState | undefined {
  return (['ENABLED', 'DISABLED'] as const).find(state => physicalId.startsWith(`blob-mounting-before-${state}#`));
}
