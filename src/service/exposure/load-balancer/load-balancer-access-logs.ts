import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { BaseLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlockPublicAccess, Bucket, BucketEncryption, IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { hasMethods } from '../../../private/check-types';
import { checkInteger, checkPattern, reject } from '../../../private/validation';

/**
 * Where a load balancer writes down each request: in a bucket, encrypted by S3. The stack needs a region, because the region says which
 * account of AWS writes.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
export class AccessLogs {
  /**
   * A bucket of its own: encrypted, closed to the public, reached over TLS only, kept when the service is removed.
   *
   * @param retentionDays after how many days a log is deleted; 90 when it is left out
   */
  public static ownBucket(retentionDays: number = 90): AccessLogs {
    return new AccessLogs({ retentionDays });
  }

  /**
   * A bucket that exists, in the same region and not encrypted with a key of KMS, for which load balancers have none. It is allowed to write
   * there; where the bucket is imported, its policy has to allow it already.
   *
   * @param bucket the bucket
   * @param prefix what the names of the logs begin with, e.g. "web"
   */
  public static toBucket(bucket: IBucket, prefix?: string): AccessLogs {
    return new AccessLogs({ bucket, prefix });
  }

  private constructor(private readonly place: { readonly bucket?: IBucket; readonly prefix?: string; readonly retentionDays?: number }) {}

  /** @internal */
  public _check(scope: Construct): void {
    const { bucket, prefix, retentionDays } = this.place;
    if (retentionDays !== undefined) {
      checkInteger(scope, {
        property: 'exposure.accessLogs.retentionDays', value: retentionDays, min: 1, max: 2_147_483_647, cure: 'Give a number of days.',
      });
    } else if (!hasMethods(bucket, 'addToResourcePolicy', 'arnForObjects') || (bucket as IBucket).encryptionKey !== undefined) {
      reject(scope, {
        property: 'exposure.accessLogs.bucket', must: 'be a bucket that is not encrypted with a key of KMS', got: bucket,
        cure: 'Use one with BucketEncryption.S3_MANAGED, or AccessLogs.ownBucket().',
      });
    }
    if (prefix !== undefined) {
      checkPattern(scope, {
        property: 'exposure.accessLogs.prefix', value: prefix, pattern: /^(?!.*AWSLogs)(?!\/).+(?<!\/)$/,
        must: 'neither begin nor end with "/", nor contain "AWSLogs"', cure: 'Give a prefix such as "web", or leave it out.',
      });
    }
    const { region } = Stack.of(scope);
    if (Token.isUnresolved(region)) {
      reject(scope, {
        property: 'exposure.accessLogs', must: 'be in a stack whose region is known, because it says which account of AWS writes the logs',
        got: 'a stack for any region', cure: 'Give the stack an env: { region: \'eu-west-1\' }.',
      });
    }
  }

  /** @internal */
  public _apply(scope: Construct, loadBalancer: BaseLoadBalancer): void {
    const { bucket, prefix, retentionDays = 90 } = this.place;
    loadBalancer.logAccessLogs(bucket ?? ownBucket(scope, retentionDays), prefix);
  }
}

function ownBucket(scope: Construct, retentionDays: number): Bucket {
  return new Bucket(scope, 'AccessLogs', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ expiration: Duration.days(retentionDays), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
  });
}
