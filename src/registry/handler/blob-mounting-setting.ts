import { partitionOf } from '../../custom-resource/aws-partition';
import { AwsSeams, callAws, errorType } from '../../custom-resource/aws-request';
import { SmallResponse } from '../../custom-resource/small-request';
import type { BlobMountingState } from '../blob-mounting-properties';

const NAME = 'BLOB_MOUNTING';
const TRIES = 7;
const PAUSE_MILLISECONDS = 5_000;

type Operation = 'GetAccountSetting' | 'PutAccountSetting';

/**
 * The setting of the account of the function, in its region.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html
 */
export class BlobMountingSetting {
  constructor(private readonly seams: AwsSeams) {}

  /** What it is. What has never been set is not enabled. */
  public async read(): Promise<BlobMountingState> {
    const body = await this.call('GetAccountSetting', { name: NAME });
    const value = valueIn(body) ?? 'DISABLED';
    if (value === 'ENABLED' || value === 'DISABLED') return value;
    throw new Error(`could not read the setting ${NAME}: ECR answered with a value that is not known here`);
  }

  /** Sets it, unless it is so already. Answers whether it was changed. */
  public async change(value: BlobMountingState): Promise<boolean> {
    if (await this.read() === value) return false;
    await this.call('PutAccountSetting', { name: NAME, value });
    return true;
  }

  private async call(operation: Operation, body: object): Promise<string> {
    for (let tries = 1; ; tries++) {
      const answer = await this.send(operation, body);
      if (answer?.status === 200) return answer.body;
      if (tries === TRIES || (answer !== undefined && !mayPass(answer))) throw new Error(this.refusal(operation, answer));
      await this.seams.clock.sleep(PAUSE_MILLISECONDS);
    }
  }

  /** Answers nothing when nobody could be reached. */
  private async send(operation: Operation, body: object): Promise<SmallResponse | undefined> {
    const host = `api.ecr.${this.region}.${partitionOf(this.region).services}`;
    const headers = { 'X-Amz-Target': `AmazonEC2ContainerRegistry_V20150921.${operation}` };
    return callAws({ service: 'ecr', region: this.region, host, headers, body }, this.seams).catch(() => undefined);
  }

  private refusal(operation: Operation, answer?: SmallResponse): string {
    const task = `could not ${operation === 'GetAccountSetting' ? 'read' : 'change'} the setting ${NAME}`;
    if (answer === undefined) return `${task}: ECR in ${this.region} could not be reached`;
    const type = errorType(answer.body);
    const cure = type === 'AccessDeniedException' ? `; allow ecr:${operation} on '*' to the role of the function` : '';
    return `${task}: ECR in ${this.region} answered ${[answer.status, type].filter(Boolean).join(' ')}${cure}`;
  }

  private get region(): string {
    return this.seams.environment.AWS_REGION ?? '';
  }
}

/** A permission that this very deployment has added takes some seconds to spread. */
function mayPass({ status, body }: SmallResponse): boolean {
  return status >= 500 || status === 429 || ['AccessDeniedException', 'ThrottlingException'].includes(errorType(body) ?? '');
}

function valueIn(body: string): unknown {
  try {
    return JSON.parse(body).value;
  } catch {
    throw new Error(`could not read the setting ${NAME}: ECR answered with something else than JSON`);
  }
}
