import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { BaseLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { checkDays } from '../../../private/check-duration';
import { checkObject, hasMethods } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';

/** How a bucket of its own keeps logs. */
export interface AccessLogsOwnBucketOptions {
  /**
   * After how long a log is deleted; whole days.
   *
   * @default Duration.days(90)
   */
  readonly expiration?: Duration;
}

/** Where in a bucket logs are. */
export interface AccessLogsBucketOptions {
  /**
   * What the names of the logs begin with, e.g. "web".
   *
   * @default - nothing
   */
  readonly prefix?: string;
}

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
   * @param options how long it keeps logs
   */
  public static ownBucket(options: AccessLogsOwnBucketOptions = {}): AccessLogs {
    return new AccessLogs(options);
  }

  /**
   * A bucket that exists, in the same region and not encrypted with a key of KMS, for which load balancers have none. It is allowed to write
   * there; where the bucket is imported, its policy has to allow it already.
   *
   * @param bucket the bucket
   * @param options where in the bucket
   */
  public static toBucket(bucket: IBucket, options: AccessLogsBucketOptions = {}): AccessLogs {
    return new AccessLogs(options, { bucket });
  }

  private constructor(
    private readonly options: AccessLogsBucketOptions & AccessLogsOwnBucketOptions, private readonly existing?: { readonly bucket: IBucket },
  ) {}

  /** @internal */
  public _check(scope: Construct): void {
    checkObject(scope, 'exposure.accessLogs', this.options, 'Make one with brackets, e.g. AccessLogs.ownBucket({ expiration: Duration.days(30) }).');
    const { prefix, expiration } = this.options;
    if (this.existing !== undefined) checkBucket(scope, this.existing.bucket);
    checkDays(scope, {
      property: 'exposure.accessLogs.expiration', value: expiration, min: 1, max: 2_147_483_647, fix: 'Give whole days, e.g. Duration.days(30).',
    });
    if (prefix !== undefined) {
      checkPattern(scope, {
        property: 'exposure.accessLogs.prefix', value: prefix, pattern: /^(?!.*AWSLogs)(?!\/).+(?<!\/)$/,
        must: 'neither begin nor end with "/", nor contain "AWSLogs"', fix: 'Give a prefix such as "web", or leave it out.',
      });
    }
    const { region } = Stack.of(scope);
    if (Token.isUnresolved(region)) {
      reject(scope, {
        property: 'exposure.accessLogs', must: 'be in a stack whose region is known, because it says which account of AWS writes the logs',
        got: 'a stack for any region', fix: 'Give the stack an env: { region: \'eu-west-1\' }.',
      });
    }
  }

  /** @internal */
  public _apply(scope: Construct, loadBalancer: BaseLoadBalancer): void {
    const { prefix, expiration = Duration.days(90) } = this.options;
    loadBalancer.logAccessLogs(this.existing?.bucket ?? ownBucket(scope, expiration), prefix);
  }
}

function checkBucket(scope: Construct, bucket: IBucket): void {
  if (!hasMethods(bucket, 'addToResourcePolicy', 'arnForObjects') || bucket.encryptionKey !== undefined || hasManagedKey(bucket)) {
    reject(scope, {
      property: 'exposure.accessLogs.bucket', must: 'be a bucket that is not encrypted with a key of KMS', got: bucket,
      fix: 'Use one with BucketEncryption.S3_MANAGED, or AccessLogs.ownBucket().',
    });
  }
}

/** A key that AWS manages is one of KMS, too, and no property of the L2. */
function hasManagedKey({ node: { defaultChild } }: IBucket): boolean {
  return defaultChild instanceof CfnBucket && /"sseAlgorithm":"aws:kms/i.test(JSON.stringify(Stack.of(defaultChild).resolve(defaultChild.bucketEncryption)) ?? '');
}

function ownBucket(scope: Construct, expiration: Duration): Bucket {
  return new Bucket(scope, 'AccessLogs', {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ expiration, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
  });
}
