import { Stack, Token } from 'aws-cdk-lib';
import { CfnSigningConfiguration } from 'aws-cdk-lib/aws-ecr';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { CfnSigningProfile, ISigningProfile, Platform, SigningProfile } from 'aws-cdk-lib/aws-signer';
import { Construct } from 'constructs';
import { checkUnique, filters, SIGNING_FILTERS } from './registry-rules';
import { isImported } from '../private/lookups';
import { GRANTEE } from '../private/rules';
import { checkValue, InstanceRule } from '../private/shape';
import { reject } from '../private/validation';

const PLATFORM = Platform.NOTATION_OCI_SHA384_ECDSA;

/** A value that must be a signing rule. */
export const MANAGED_SIGNING: InstanceRule = {
  kind: 'instance', must: 'be a ManagedSigning', methods: ['_signingRule'], fix: 'Call the factory, e.g. ManagedSigning.withNewProfile().',
};

/**
 * A rule that signs images when they are pushed, with a profile of AWS Signer. The settings throw for more than 10 rules.
 *
 * ECR signs on behalf of the principal that pushes. Grant the permission with `RegistrySettings.grantSign`. Otherwise the image is pushed
 * without a signature. Each signature counts as an image of the repository.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
 */
export class ManagedSigning {
  /**
   * Sign with a signing profile that `RegistrySettings` creates. All rules without a profile share it.
   *
   * Creating the settings throws if a name is malformed or repeated, and if the list is a token.
   *
   * @param repositories names of repositories in which `*` matches anything, 1 to 100; by default all repositories
   */
  public static withNewProfile(repositories?: string[]): ManagedSigning {
    return new ManagedSigning(undefined, repositories);
  }

  /**
   * Sign with your own signing profile for the platform `Notation-OCI-SHA384-ECDSA`.
   *
   * Creating the settings throws if the profile is for another platform, if a name is malformed or repeated, and if the list is a token.
   *
   * @param profile the profile, in the account and region of the registry
   * @param repositories names of repositories in which `*` matches anything, 1 to 100; by default all repositories
   */
  public static withProfile(profile: ISigningProfile, repositories?: string[]): ManagedSigning {
    // In JavaScript the profile can be missing. `null` is reported as an error, whereas `undefined` would create a new profile.
    return new ManagedSigning(profile ?? null, repositories);
  }

  private constructor(private readonly profile?: ISigningProfile | null, private readonly repositories?: string[]) {}

  /** @internal */
  public _signingRule(scope: Construct, newProfile: () => ISigningProfile): CfnSigningConfiguration.RuleProperty {
    const { profile, repositories } = this;
    checkValue(scope, 'signing.repositories', repositories, SIGNING_FILTERS);
    checkUnique(scope, 'signing.repositories', repositories);
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
    let created: ISigningProfile | undefined;
    const newProfile = () => created ??= new SigningProfile(this, 'Profile', { platform: PLATFORM });
    const rules = signing.map(each => each._signingRule(scope, newProfile));
    new CfnSigningConfiguration(this, 'Resource', { rules });
    this.profileArns = [...new Set(rules.map(each => each.signingProfileArn))];
  }

  /** Grants the permission to sign pushed images. */
  public grantSign(scope: Construct, grantee: IGrantable): Grant {
    checkValue(scope, 'grantee', grantee, GRANTEE);
    return Grant.addToPrincipal({ grantee, actions: ['signer:SignPayload'], resourceArns: this.profileArns });
  }
}

function checkProfile(scope: Construct, profile: ISigningProfile | null): void {
  const property = 'signing.profile';
  checkValue(scope, property, profile, {
    kind: 'instance', required: true, must: 'be a signing profile', properties: ['signingProfileName', 'node'],
    fix: 'Use a signer.SigningProfile, or ManagedSigning.withNewProfile().',
  });
  const { defaultChild } = (profile as ISigningProfile).node;
  const platformId = defaultChild instanceof CfnSigningProfile ? defaultChild.platformId : PLATFORM.platformId;
  if (!Token.isUnresolved(platformId) && platformId !== PLATFORM.platformId) {
    reject(scope, { property, must: `be for the platform ${PLATFORM.platformId}`, got: platformId, fix: 'Create it with Platform.NOTATION_OCI_SHA384_ECDSA.' });
  }
}

/** An imported profile has a wrong ARN in aws-cdk-lib 2.262.1: `…://signing-profiles/name`. */
function arnOf(scope: Construct, profile: ISigningProfile): string {
  return isImported(profile)
    ? Stack.of(scope).formatArn({ service: 'signer', resource: '/signing-profiles', resourceName: profile.signingProfileName })
    : profile.signingProfileArn;
}
