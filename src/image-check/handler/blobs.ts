import { AwsCallError, AwsDependencies } from '../../custom-resource/aws';
import { EcrApi } from '../../custom-resource/ecr';
import { verifyBytes } from '../../engine/digest';
import { Failure, RetryReason } from '../../engine/errors';
import { HttpTransport, discard, sendFollowing } from '../../engine/http';
import { RetryPolicy, repeat } from '../../engine/retry';

const RULE = { backoff: { first: 500, longest: 10_000, jitter: 0.5 } };
const RULES: RetryPolicy['rules'] = { transient: RULE, corrupt: RULE };
const REPEATS = 4;
/** The maximum size of a blob. Configurations have a few kilobytes. */
export const MAX_BLOB_BYTES = 4 * 1024 * 1024;

/**
 * Small blobs of one repository. ECR provides presigned URLs for them, which messages must not contain.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html
 */
export class Blobs {
  private readonly transport: HttpTransport;
  private readonly trusted: readonly string[];

  constructor(private readonly ecr: EcrApi, private readonly dependencies: AwsDependencies, private readonly signal: AbortSignal) {
    // A local cloud serves blobs from a loopback address.
    const { AWS_ENDPOINT_URL_ECR, AWS_ENDPOINT_URL } = dependencies.environment;
    this.trusted = [AWS_ENDPOINT_URL_ECR, AWS_ENDPOINT_URL].flatMap(url => url === undefined ? [] : [new URL(url).origin]);
    this.transport = new HttpTransport({ clock: dependencies.clock, signal, trusted: this.trusted });
  }

  /** Reads a blob and verifies its digest. */
  public async read(layerDigest: string): Promise<Buffer> {
    const { clock } = this.dependencies;
    // A presigned URL expires soon, so each attempt requests a new one.
    return repeat({ clock, signal: this.signal, rules: RULES, repeats: REPEATS, reasonOf: retryReasonOf }, async () => {
      const { downloadUrl } = await this.ecr.call('GetDownloadUrlForLayer', { layerDigest });
      return this.download(String(downloadUrl), layerDigest);
    }).catch((error: unknown) => {
      throw error instanceof AwsCallError ? error : new Error(`the configuration of the image could not be read: ${error instanceof Failure ? error.reason : 'unknown failure'}`);
    });
  }

  /** Closes all connections. */
  public close(): void {
    this.transport.close();
  }

  private async download(address: string, digest: string): Promise<Buffer> {
    if (!URL.canParse(address)) throw new Failure('ECR gave no address for it');
    const url = new URL(address);
    if (url.protocol !== 'https:' && !this.trusted.includes(url.origin)) throw new Failure('ECR gave an address that is not secure');
    const response = await sendFollowing(this.transport, { method: 'GET', url, headers: {} });
    if (response.status !== 200) {
      discard(response);
      throw new Failure(`the storage of ECR answered ${response.status}`, {
        retry: response.status >= 500 || response.status === 429 ? 'transient' : undefined,
      });
    }
    const bytes = await this.transport.read(response, MAX_BLOB_BYTES);
    verifyBytes(bytes, digest);
    return bytes;
  }
}

/** The reason to retry. Failed calls of the ECR API have already been retried. */
function retryReasonOf(error: unknown): RetryReason | undefined {
  return error instanceof Failure ? error.retry : undefined;
}
