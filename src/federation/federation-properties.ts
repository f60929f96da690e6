/**
 * Properties of `Custom::OutboundIdentityFederation`, which the construct renders and the handler reads.
 *
 * This file imports nothing, so neither side depends on the other.
 */
export interface FederationProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';

  /**
   * `Disable` to disable the feature on Delete if this resource has enabled it.
   *
   * @default - it stays enabled
   */
  readonly OnRemoval?: 'Disable';
}

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface FederationData {
  /** The issuer of the tokens of this account, `https://….tokens.sts.global.api.aws`. */
  readonly IssuerUrl: string;
}
