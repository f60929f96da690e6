import { IGrantable, IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { SIGNING_ALGORITHM, WEB_IDENTITY_SECONDS } from './identity-text';
import { InstanceRule } from '../private/shape';
import { reject } from '../private/validation';

/**
 * An identity in another cloud that the functions of this library can use without a password: `AzureIdentity` or `GoogleIdentity`.
 *
 * The functions exchange an AWS token for a token of the other cloud. No secret is stored.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
 */
export abstract class CloudIdentity {
  /**
   * The identity as text, without secrets. Fields may be tokens.
   *
   * @internal
   */
  public abstract get _text(): string;

  /**
   * The audience of the token that is requested from AWS; undefined if the identity needs none.
   *
   * @internal
   */
  public abstract get _audience(): string | undefined;

  /**
   * The hosts of registries that accept the identity, as the end of the sentence "… must".
   *
   * @internal
   */
  public abstract get _hosts(): { readonly pattern: RegExp; readonly must: string };

  /**
   * The roles that request the tokens, if these are not the roles of the functions. Constructs that use the identity depend on these roles.
   *
   * @internal
   */
  public _roles(): IRole[] {
    return [];
  }

  /**
   * Checks the options of the identity. They are checked here, where a scope is known.
   *
   * @internal
   */
  public abstract _check(scope: IConstruct, property: string): void;

  /**
   * Allows a function to request the AWS token that is exchanged.
   *
   * @internal
   */
  public _grant(grantee: IGrantable): void {
    if (this._audience !== undefined) grantee.grantPrincipal.addToPrincipalPolicy(webIdentityStatement(this._audience));
  }
}

/** The rule of an option that takes any identity. */
export const CLOUD_IDENTITY: InstanceRule = {
  kind: 'instance', must: 'be an AzureIdentity or a GoogleIdentity', methods: ['_check', '_grant'],
  fix: 'Call a factory, e.g. GoogleIdentity.federated({ … }).',
};

/** The rule of an option that takes an identity of one cloud. */
export function identityRule(name: 'AzureIdentity' | 'GoogleIdentity'): InstanceRule {
  return {
    kind: 'instance', must: name === 'AzureIdentity' ? 'be an AzureIdentity' : 'be a GoogleIdentity', methods: ['_check', '_grant', `_is${name}`],
    fix: `Call a factory, e.g. ${name}.federated({ … }).`,
  };
}

/** Checks an identity and that the registry on a host accepts it. Hosts that are only known at deployment pass. */
export function checkIdentity(scope: IConstruct, property: string, identity: CloudIdentity | undefined, host?: string): void {
  if (identity === undefined) return;
  identity._check(scope, property);
  const { pattern, must } = identity._hosts;
  if (host !== undefined && !pattern.test(host)) {
    reject(scope, { property, must: `be used for a registry that accepts it: the host must ${must}`, got: host, fix: 'Use an identity of the cloud of this registry, without a port in the host, or use `credentials`.' });
  }
}

/**
 * The permission to request tokens for one audience.
 *
 * All audiences of a request must be this one, and there must be one: `ForAllValues` alone is true for a request without audiences. The action has no
 * resources.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_policies.html
 */
function webIdentityStatement(audience: string): PolicyStatement {
  return new PolicyStatement({
    actions: ['sts:GetWebIdentityToken'],
    resources: ['*'],
    conditions: {
      'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audience },
      'Null': { 'sts:IdentityTokenAudience': 'false' },
      'NumericLessThanEquals': { 'sts:DurationSeconds': WEB_IDENTITY_SECONDS },
      'StringEquals': { 'sts:SigningAlgorithm': SIGNING_ALGORITHM },
    },
  });
}
