import { AwsApi, AwsDependencies, AwsResponse, partitionOf } from '../../custom-resource/aws';
import { ECR } from '../../custom-resource/ecr';
import { LambdaDependencies } from '../../custom-resource/lambda';
import { Outcome, ResourceKind, serveCustomResource, CustomResourceEvent, InvocationContext, resourceHash } from '../../custom-resource/protocol';
import { messageOf } from '../../custom-resource/text';
import type { BlobMountingData, BlobMountingState } from '../blob-mounting-properties';

type Kind = Omit<ResourceKind, 'name' | 'timeoutFix'>;

/** Serves `Custom::RegistryBlobMountingBefore`, which reads the setting, and `Custom::RegistryBlobMounting`, which enables it. */
export async function serveBlobMounting(event: CustomResourceEvent, context: InvocationContext, dependencies: LambdaDependencies): Promise<void> {
  const setting = new BlobMountingSetting(dependencies);
  const kind = event.ResourceProperties?.Step === 'Look' ? readSetting(setting) : enableSetting(setting);
  await serveCustomResource(event, context, { name: 'the change of the setting', timeoutFix: 'deploy again', ...kind }, dependencies);
}

/** Reads the setting. The physical ID contains the value, because the stack changes the setting later. */
function readSetting(setting: BlobMountingSetting): Kind {
  return {
    physicalId: event => event.PhysicalResourceId ?? `blob-mounting-before#${resourceHash(event)}`,
    work: async event => {
      const before = stateIn(event.PhysicalResourceId) ?? await setting.read();
      const data: BlobMountingData = { Before: before };
      const physicalId = event.PhysicalResourceId ?? `blob-mounting-before-${before}#${resourceHash(event)}`;
      return { status: 'SUCCESS', summary: `blob mounting was ${before}`, data: { ...data }, physicalId };
    },
    remove: async () => ({ status: 'SUCCESS', summary: 'there is nothing to remove' }),
  };
}

function enableSetting(setting: BlobMountingSetting): Kind {
  return {
    physicalId: event => event.PhysicalResourceId ?? `blob-mounting#${resourceHash(event)}`,
    work: async () => succeeded(await setting.change('ENABLED') ? 'now enabled' : 'already enabled'),
    remove: async ({ ResourceProperties: { OnRemoval, Before } = {} }) => {
      if (OnRemoval !== 'Restore' || Before !== 'DISABLED') return { status: 'SUCCESS', summary: 'blob mounting stays as it is' };
      return succeeded(await setting.change('DISABLED') ? 'now disabled again' : 'already disabled again');
    },
  };
}

function succeeded(state: string): Outcome {
  return { status: 'SUCCESS', summary: `blob mounting is ${state}` };
}

/** The state in a physical ID of `readSetting`. */
function stateIn(physicalId = ''): BlobMountingState | undefined {
  return (['ENABLED', 'DISABLED'] as const).find(state => physicalId.startsWith(`blob-mounting-before-${state}#`));
}

const NAME = 'BLOB_MOUNTING';
const MAX_RESPONSE_BYTES = 128 * 1024;

type Operation = 'GetAccountSetting' | 'PutAccountSetting';

/**
 * The setting of the account and region of the function.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
 */
export class BlobMountingSetting {
  private readonly api: AwsApi<Operation>;

  constructor(dependencies: AwsDependencies) {
    const { AWS_REGION: region = '' } = dependencies.environment;
    const host = `api.ecr.${region}.${partitionOf(region).services}`;
    this.api = new AwsApi({ ...ECR, region, host, maxResponseBytes: MAX_RESPONSE_BYTES }, dependencies);
  }

  /** Reads the setting. If it was never set, it is disabled. */
  public async read(): Promise<BlobMountingState> {
    const { value = 'DISABLED' } = await this.call('GetAccountSetting', { name: NAME });
    if (value === 'ENABLED' || value === 'DISABLED') return value;
    throw new Error(`could not read the setting ${NAME}: ECR answered with a value that is not known here`);
  }

  /** Changes the setting if it differs. Returns whether it was changed. */
  public async change(value: BlobMountingState): Promise<boolean> {
    if (await this.read() === value) return false;
    await this.call('PutAccountSetting', { name: NAME, value });
    return true;
  }

  private async call(operation: Operation, input: object): Promise<AwsResponse> {
    try {
      return await this.api.call(operation, input);
    } catch (error) {
      throw new Error(`could not ${operation === 'GetAccountSetting' ? 'read' : 'change'} the setting ${NAME}: ${messageOf(error)}`);
    }
  }
}
