import { Answer, AwsApi, partitionOf, AwsSeams } from '../../custom-resource/aws';
import { ECR } from '../../custom-resource/ecr';
import { messageOf } from '../../custom-resource/text';
import type { BlobMountingState } from '../blob-mounting-properties';

const NAME = 'BLOB_MOUNTING';
const MAX_ANSWER_BYTES = 128 * 1024;

type Operation = 'GetAccountSetting' | 'PutAccountSetting';

/**
 * The setting of the account of the function, in its region.
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

  /** What it is. What has never been set is not enabled. */
  public async read(): Promise<BlobMountingState> {
    const { value = 'DISABLED' } = await this.ask('GetAccountSetting', { name: NAME });
    if (value === 'ENABLED' || value === 'DISABLED') return value;
    throw new Error(`could not read the setting ${NAME}: ECR answered with a value that is not known here`);
  }

  /** Sets it, unless it is so already. Answers whether it was changed. */
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
