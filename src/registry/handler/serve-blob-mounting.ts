import { AwsSeams, Answer, AwsApi, partitionOf } from '../../custom-resource/aws';
import { ECR } from '../../custom-resource/ecr';
import { Outcome, ResourceKind, Seams, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { messageOf } from '../../custom-resource/text';
import type { BlobMountingData, BlobMountingState } from '../blob-mounting-properties';

type Kind = Omit<ResourceKind, 'name' | 'tooLong'>;

/** Serves `Custom::RegistryBlobMountingBefore`, which reads the setting, and `Custom::RegistryBlobMounting`, which enables it. */
export async function serveBlobMounting(event: CustomResourceEvent, context: InvocationContext, seams: Seams & AwsSeams): Promise<void> {
  const setting = new BlobMountingSetting(seams);
  const kind = event.ResourceProperties?.Step === 'Look' ? looking(setting) : enabling(setting);
  await serveCustomResource(event, context, { name: 'the change of the setting', tooLong: 'deploy again', ...kind }, seams);
}

/** Reads the setting. The physical ID contains the value, because the stack changes the setting later. */
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
    work: async () => succeeded(await setting.change('ENABLED'), 'enabled'),
    remove: async ({ ResourceProperties: { OnRemoval, Before } = {} }) => {
      if (OnRemoval !== 'Restore' || Before !== 'DISABLED') return { status: 'SUCCESS', summary: 'blob mounting stays as it is' };
      return succeeded(await setting.change('DISABLED'), 'disabled again');
    },
  };
}

function succeeded(changed: boolean, state: string): Outcome {
  return { status: 'SUCCESS', summary: `blob mounting is ${changed ? 'now' : 'already'} ${state}` };
}

function seenIn(physicalId = ''): BlobMountingState | undefined {
  return (['ENABLED', 'DISABLED'] as const).find(state => physicalId.startsWith(`blob-mounting-before-${state}#`));
}

const NAME = 'BLOB_MOUNTING';
const MAX_ANSWER_BYTES = 128 * 1024;

type Operation = 'GetAccountSetting' | 'PutAccountSetting';

/**
 * The setting of the account and region of the function.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
 */
export class BlobMountingSetting {
  private readonly api: AwsApi<Operation>;

  constructor(seams: AwsSeams) {
    const { AWS_REGION: region = '' } = seams.environment;
    const host = `api.ecr.${region}.${partitionOf(region).services}`;
    this.api = new AwsApi({ ...ECR, region, host, maxAnswerBytes: MAX_ANSWER_BYTES }, seams);
  }

  /** Reads the setting. If it was never set, it is disabled. */
  public async read(): Promise<BlobMountingState> {
    const { value = 'DISABLED' } = await this.ask('GetAccountSetting', { name: NAME });
    if (value === 'ENABLED' || value === 'DISABLED') return value;
    throw new Error(`could not read the setting ${NAME}: ECR answered with a value that is not known here`);
  }

  /** Changes the setting if it differs. Returns whether it was changed. */
  public async change(value: BlobMountingState): Promise<boolean> {
    if (await this.read() === value) return false;
    await this.ask('PutAccountSetting', { name: NAME, value });
    return true;
  }

  private async ask(operation: Operation, question: object): Promise<Answer> {
    try {
      return await this.api.ask(operation, question);
    } catch (error) {
      throw new Error(`could not ${operation === 'GetAccountSetting' ? 'read' : 'change'} the setting ${NAME}: ${messageOf(error)}`);
    }
  }
}
