import { Token } from 'aws-cdk-lib';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { CfnKey, IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { checkValue } from '../private/shape';
import { reject } from '../private/validation';

const PROPERTY = 'encryption';

/**
 * The encryption of the images of a repository at rest.
 *
 * The encryption is set when the repository is created. A later change replaces the repository: the new one has no images. With a
 * `repositoryName`, the replacement fails, because the name is taken.
 *
 * Principals that pull or push need no permission for the key. ECR uses it through grants, which it creates on behalf of the principal
 * that creates the repository. That principal needs `kms:CreateGrant`, `kms:RetireGrant` and `kms:DescribeKey`. Without the key the images
 * are lost, so keep it as long as the images.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
 */
export class ImageEncryption {
  /** Keys that Amazon S3 manages. They are free. The bootstrap repository uses them too, so ECR can mount layers from there. */
  public static aes256(): ImageEncryption {
    return new ImageEncryption();
  }

  /**
   * A KMS key. KMS charges for customer managed keys and for requests.
   *
   * ECR cannot mount layers from the bootstrap repository into the encrypted one. A warning says where that slows down a deployment.
   * Creating the repository throws if the value is not a key, if the key is known to be in another region, and if it is not symmetric.
   *
   * @param key the key, in the region of the repository. By default, the AWS managed key of ECR (`aws/ecr`). Controls that require a
   *   customer managed key, such as ECR.5 of Security Hub, need a key here.
   */
  public static kms(key?: IKey): ImageEncryption {
    return new ImageEncryption('KMS', key);
  }

  /**
   * Two layers of encryption with a KMS key. ECR offers it only in the AWS GovCloud (US) regions.
   *
   * The notes of `kms` apply.
   *
   * @param key the key, in the region of the repository. By default, the AWS managed key of ECR (`aws/ecr`).
   */
  public static kmsDsse(key?: IKey): ImageEncryption {
    return new ImageEncryption('KMS_DSSE', key);
  }

  private constructor(private readonly encryptionType?: string, private readonly key?: IKey) {}

  /** @internal */
  public _renderEncryption(scope: Construct): CfnRepository.EncryptionConfigurationProperty | undefined {
    if (this.key !== undefined) checkKey(scope, this.key);
    // AES256 is the default of ECR. Adding the property would replace repositories that were created without it.
    return this.encryptionType === undefined ? undefined : { encryptionType: this.encryptionType, kmsKey: this.key?.keyArn };
  }
}

function checkKey(scope: Construct, key: IKey): void {
  checkValue(scope, PROPERTY, key, {
    kind: 'instance', same: ['region'], required: true, must: 'have a key of KMS', methods: ['grantDecrypt'], properties: ['keyArn', 'node'],
    fix: 'Pass the key itself, or kms.Key.fromKeyArn(this, \'Key\', arn).',
  });
  const spec = key.node.defaultChild instanceof CfnKey ? key.node.defaultChild.keySpec : undefined;
  if (spec !== undefined && !Token.isUnresolved(spec) && spec !== 'SYMMETRIC_DEFAULT') {
    reject(scope, { property: PROPERTY, must: 'have a key for symmetric encryption', got: spec, fix: 'Create the key without a keySpec.' });
  }
}
