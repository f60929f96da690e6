import { AwsSeams } from '../../custom-resource/aws-request';
import { backoff } from '../../custom-resource/backoff';
import { EcrApi } from '../../custom-resource/ecr-api';
import { verifyBytes } from '../../engine/digest';
import { Failure } from '../../engine/errors';
import { HttpTransport, discard, sendFollowing } from '../../engine/http';

const TRIES = 5;
const WAITS = { first: 250, longest: 10_000 };
/** The largest blob that is read: configurations have some kilobytes. */
export const MAX_BLOB_BYTES = 4 * 1024 * 1024;

/**
 * Small blobs of one repository. ECR gives out addresses that anybody can read from for a while, so nothing here tells one.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetDownloadUrlForLayer.html
 */
export class Blobs {
  private readonly transport: HttpTransport;
  private readonly trusted: readonly string[];

  constructor(private readonly ecr: EcrApi, private readonly seams: AwsSeams, private readonly signal: AbortSignal) {
    // A local cloud answers on loopback, and its blobs are there, too.
    const { AWS_ENDPOINT_URL_ECR, AWS_ENDPOINT_URL } = seams.environment;
    this.trusted = [AWS_ENDPOINT_URL_ECR, AWS_ENDPOINT_URL].flatMap(url => url === undefined ? [] : [new URL(url).origin]);
    this.transport = new HttpTransport({ clock: seams.clock, signal, trusted: this.trusted });
  }

  /** The bytes of a blob, which are what its digest says. */
  public async read(layerDigest: string): Promise<Buffer> {
    const { clock } = this.seams;
    for (let tries = 1; ; tries++) {
      // An address does not live long, so each try has its own.
      const { downloadUrl } = await this.ecr.ask('GetDownloadUrlForLayer', { layerDigest });
      try {
        return await this.download(String(downloadUrl), layerDigest);
      } catch (error) {
        if (!(error instanceof Failure) || error.retry === undefined || tries === TRIES) {
          throw new Error(`the configuration of the image could not be read: ${error instanceof Failure ? error.reason : 'unknown failure'}`);
        }
        await clock.sleep(backoff(tries, clock, WAITS), this.signal);
      }
    }
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
      throw new Failure(`the storage of ECR answered ${response.status}`, response.status >= 500 || response.status === 429 ? 'transient' : undefined);
    }
    const bytes = await this.transport.read(response, MAX_BLOB_BYTES);
    verifyBytes(bytes, digest);
    return bytes;
  }
}
