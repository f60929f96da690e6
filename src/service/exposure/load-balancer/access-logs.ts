import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { BaseLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { checkValue, Shape } from '../../../private/shape';
import { reject } from '../../../private/validation';

const PROPERTY = 'exposure.accessLogs';

/** Options of a bucket that is created for access logs. */
export interface AccessLogsOwnBucketOptions {
  /**
   * How long S3 keeps a log, in whole days.
   *
   * @default Duration.days(90)
   */
  readonly expiration?: Duration;
}

/** Options of access logs in an existing bucket. */
export interface AccessLogsToBucketOptions {
  /**
   * The prefix of the object keys, e.g. "web".
   *
   * @default - no prefix
   */
  readonly prefix?: string;
}

export const OWN_BUCKET = new Shape<AccessLogsOwnBucketOptions>('Write options such as AccessLogs.ownBucket({ expiration: Duration.days(30) }).', {
  expiration: { kind: 'duration', unit: 'days', min: 1, max: 2_147_483_647, fix: 'Give whole days, e.g. Duration.days(30).' },
}, {
  prefix: 'Only AccessLogs.toBucket(bucket, { prefix }) has a prefix.',
});

export const TO_BUCKET = new Shape<AccessLogsToBucketOptions>('Write options such as AccessLogs.toBucket(bucket, { prefix: \'web\' }).', {
  prefix: {
    kind: 'text', pattern: /^(?!.*AWSLogs)(?!\/).+(?<!\/)$/, must: 'neither begin nor end with "/", nor contain "AWSLogs"',
    fix: 'Give a prefix such as "web", or leave it out.',
  },
}, {
  expiration: 'Set lifecycleRules on the bucket, or use AccessLogs.ownBucket({ expiration }).',
});

/**
 * Access logs of a load balancer in an S3 bucket. The stack needs a region, because the AWS account that writes the logs depends on the region.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
export class AccessLogs {
  /**
   * A new bucket, which is encrypted, blocks public access, requires TLS and is retained when the service is removed.
   *
   * @param options how long logs are kept
   */
  public static ownBucket(options: AccessLogsOwnBucketOptions = {}): AccessLogs {
    return new AccessLogs(options);
  }

  /**
   * An existing bucket in the same region, encrypted by S3 (`BucketEncryption.S3_MANAGED`). A network load balancer can also write to a bucket with
   * a customer managed KMS key whose policy allows `delivery.logs.amazonaws.com`. The load balancer is allowed to write to the bucket. If the bucket is
   * imported, its policy must already allow it.
   *
   * @param bucket the bucket
   * @param options a prefix
   */
  public static toBucket(bucket: IBucket, options: AccessLogsToBucketOptions = {}): AccessLogs {
    return new AccessLogs(options, { bucket });
  }

  private constructor(
    private readonly options: AccessLogsToBucketOptions & AccessLogsOwnBucketOptions, private readonly existing?: { readonly bucket: IBucket },
  ) {}

  /** @internal */
  public _check(scope: Construct, kind: 'application' | 'network'): void {
    (this.existing === undefined ? OWN_BUCKET : TO_BUCKET).check(scope, PROPERTY, this.options);
    if (this.existing !== undefined) checkBucket(scope, this.existing.bucket, kind);
    const { region } = Stack.of(scope);
    if (Token.isUnresolved(region)) {
      reject(scope, {
        property: PROPERTY, must: 'be in a stack with a known region, because the AWS account that writes the logs depends on it',
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

function checkBucket(scope: Construct, bucket: IBucket, kind: 'application' | 'network'): void {
  const fix = 'Use a bucket with BucketEncryption.S3_MANAGED, or AccessLogs.ownBucket().';
  checkValue(scope, `${PROPERTY}.bucket`, bucket, { kind: 'instance', same: ['region'], methods: ['addToResourcePolicy', 'arnForObjects'], must: 'be a bucket', fix, required: true });
  const hasCustomerKey = bucket.encryptionKey !== undefined;
  if (hasCustomerKey ? kind === 'application' : hasAwsManagedKey(bucket)) {
    const must = kind === 'application' ? 'be a bucket without a KMS key' : 'be a bucket without an AWS managed KMS key';
    reject(scope, { property: `${PROPERTY}.bucket`, must, got: bucket, fix });
  }
}

/** Whether a bucket is encrypted with an AWS managed key, which the L2 does not expose. */
function hasAwsManagedKey({ node: { defaultChild } }: IBucket): boolean {
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
