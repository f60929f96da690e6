import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { CfnKey, IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { hasMethods, isObject } from '../private/check-types';
import { reject } from '../private/validation';

const PROPERTY = 'encryption';

/**
 * How the images of a repository are encrypted at rest.
 *
 * It is chosen when the repository is created. Another choice later replaces the repository: a new one, without the images. With a
 * `repositoryName` that fails, because the name is taken.
 *
 * Whoever pulls or pushes needs no permission for the key: ECR uses it by grants of its own, which it creates in the name of whoever
 * creates the repository, who therefore needs `kms:CreateGrant`, `kms:RetireGrant` and `kms:DescribeKey`. Without the key the images
 * are lost, so it has to stay as long as they do.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
 */
export class ImageEncryption {
  /** Keys that Amazon S3 manages: free, and what the bootstrap repository has, so that layers can be mounted from there. */
  public static aes256(): ImageEncryption {
    return new ImageEncryption();
  }

  /**
   * A key of KMS. KMS charges for keys of your own and for requests.
   *
   * Layers cannot be mounted from the bootstrap repository then: a warning tells where that costs time. Creating the repository throws
   * when the key is none, is known to be in another region, or is not for symmetric encryption.
   *
   * @param key the key, in the region of the repository. The one that AWS manages for ECR (`aws/ecr`) unless given; controls that ask
   *   for encryption with a key of your own, such as ECR.5 of Security Hub, take another.
   */
  public static kms(key?: IKey): ImageEncryption {
    return new ImageEncryption('KMS', key);
  }

  /**
   * Two layers of encryption with a key of KMS. ECR offers it in the regions of AWS GovCloud (US) only.
   *
   * Mounting, and what throws, as with `kms`.
   *
   * @param key the key, in the region of the repository; the one that AWS manages for ECR (`aws/ecr`) unless given
   */
  public static kmsDsse(key?: IKey): ImageEncryption {
    return new ImageEncryption('KMS_DSSE', key);
  }

  private constructor(private readonly encryptionType?: string, private readonly key?: IKey) {}

  /** @internal */
  public _renderEncryption(scope: Construct): CfnRepository.EncryptionConfigurationProperty | undefined {
    if (this.key !== undefined) checkKey(scope, this.key);
    // AES256 is what ECR does without the property. To add it would replace a repository that has been created without.
    return this.encryptionType === undefined ? undefined : { encryptionType: this.encryptionType, kmsKey: this.key?.keyArn };
  }
}

/** What the user has chosen, or the default. */
export function checkedEncryption(scope: Construct, encryption: ImageEncryption = ImageEncryption.aes256()): ImageEncryption {
  if (!hasMethods(encryption, '_renderEncryption')) {
    reject(scope, { property: PROPERTY, must: 'be an ImageEncryption', got: encryption, fix: 'Make one with brackets, e.g. ImageEncryption.kms().' });
  }
  return encryption;
}

function checkKey(scope: Construct, key: IKey): void {
  if (!isObject(key) || typeof key.keyArn !== 'string' || !Construct.isConstruct(key)) {
    reject(scope, { property: PROPERTY, must: 'have a key of KMS', got: key, fix: 'Give the key itself, or kms.Key.fromKeyArn(this, \'Key\', arn).' });
  }
  const [own, other] = [Stack.of(scope).region, key.env.region];
  if (Token.compareStrings(own, other) === TokenComparison.DIFFERENT) {
    reject(scope, { property: PROPERTY, must: `have a key of the same region, ${own}`, got: other, fix: 'Create or import a key of that region.' });
  }
  const spec = key.node.defaultChild instanceof CfnKey ? key.node.defaultChild.keySpec : undefined;
  if (spec !== undefined && !Token.isUnresolved(spec) && spec !== 'SYMMETRIC_DEFAULT') {
    reject(scope, { property: PROPERTY, must: 'have a key for symmetric encryption', got: spec, fix: 'Create the key without a keySpec.' });
  }
}
