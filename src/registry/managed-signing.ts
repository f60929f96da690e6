import { Stack, Token } from 'aws-cdk-lib';
import { CfnSigningConfiguration } from 'aws-cdk-lib/aws-ecr';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { CfnSigningProfile, ISigningProfile, Platform, SigningProfile } from 'aws-cdk-lib/aws-signer';
import { Construct } from 'constructs';
import { checkSettings, checkWildcards, filters } from './registry-rules';
import { checkGrantee, isObject } from '../private/check-types';
import { isImported } from '../private/lookups';
import { reject } from '../private/validation';

const PLATFORM = Platform.NOTATION_OCI_SHA384_ECDSA;

/**
 * Which images are signed when they are pushed, and with which profile of AWS Signer. A registry can have 10 rules; more throw.
 *
 * ECR signs in the name of whoever pushes: allow it with `RegistrySettings.grantSign`. Otherwise the image is pushed without a
 * signature. Each signature counts as an image of the repository.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
 */
export class ManagedSigning {
  /**
   * With a signing profile that `RegistrySettings` creates. All rules without a profile share it.
   *
   * Creating the settings throws when a name is malformed or twice there, and when the list is only known at deployment.
   *
   * @param repositories names of repositories in which `*` stands for anything, all by default; 1 to 100
   */
  public static withNewProfile(repositories?: string[]): ManagedSigning {
    return new ManagedSigning(undefined, repositories);
  }

  /**
   * With a signing profile of your own, for the platform `Notation-OCI-SHA384-ECDSA`.
   *
   * Creating the settings throws when the profile is for another platform, when a name is malformed or twice there, and when the list is
   * only known at deployment.
   *
   * @param profile the profile, in the account and region of the registry
   * @param repositories names of repositories in which `*` stands for anything, all by default; 1 to 100
   */
  public static withProfile(profile: ISigningProfile, repositories?: string[]): ManagedSigning {
    // So that a profile that was forgotten does not become a new one.
    return new ManagedSigning(profile ?? null, repositories);
  }

  private constructor(private readonly profile?: ISigningProfile | null, private readonly repositories?: string[]) {}

  /** @internal */
  public _signingRule(scope: Construct, newProfile: () => ISigningProfile): CfnSigningConfiguration.RuleProperty {
    const { profile, repositories } = this;
    checkWildcards(scope, 'signing.repositories', repositories);
    if (profile !== undefined) checkProfile(scope, profile);
    return {
      signingProfileArn: arnOf(scope, profile ?? newProfile()),
      repositoryFilters: repositories && filters(repositories, 'WILDCARD_MATCH'),
    };
  }
}

/** The signing configuration of a registry. */
export class SigningSettings extends Construct {
  private readonly profileArns: string[];

  constructor(scope: Construct, id: string, signing: ManagedSigning[]) {
    super(scope, id);
    checkSettings(scope, {
      property: 'signing', value: signing, be: 'ManagedSigning', method: '_signingRule', max: 10, example: 'ManagedSigning.withNewProfile()',
    });
    let created: ISigningProfile | undefined;
    const newProfile = () => created ??= new SigningProfile(this, 'Profile', { platform: PLATFORM });
    const rules = signing.map(each => each._signingRule(scope, newProfile));
    new CfnSigningConfiguration(this, 'Resource', { rules });
    this.profileArns = [...new Set(rules.map(each => each.signingProfileArn))];
  }

  /** Lets somebody have signed what he pushes. */
  public grantSign(scope: Construct, grantee: IGrantable): Grant {
    checkGrantee(scope, grantee, 'Give the role that pushes.');
    return Grant.addToPrincipal({ grantee, actions: ['signer:SignPayload'], resourceArns: this.profileArns });
  }
}

function checkProfile(scope: Construct, profile: ISigningProfile | null): void {
  const property = 'signing.profile';
  if (!isObject(profile) || typeof profile.signingProfileName !== 'string') {
    reject(scope, { property, must: 'be a signing profile', got: profile, fix: 'Give a signer.SigningProfile, or use ManagedSigning.withNewProfile().' });
  }
  const { defaultChild } = (profile as ISigningProfile).node;
  const platformId = defaultChild instanceof CfnSigningProfile ? defaultChild.platformId : PLATFORM.platformId;
  if (!Token.isUnresolved(platformId) && platformId !== PLATFORM.platformId) {
    reject(scope, { property, must: `be for the platform ${PLATFORM.platformId}`, got: platformId, fix: 'Give it Platform.NOTATION_OCI_SHA384_ECDSA.' });
  }
}

/** An imported profile has a wrong ARN in aws-cdk-lib 2.257.0: `…://signing-profiles/name`. */
function arnOf(scope: Construct, profile: ISigningProfile): string {
  return isImported(profile)
    ? Stack.of(scope).formatArn({ service: 'signer', resource: '/signing-profiles', resourceName: profile.signingProfileName })
    : profile.signingProfileArn;
}
