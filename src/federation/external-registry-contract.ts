import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { CloudIdentity } from './cloud-identity';
import { InstanceRule } from '../private/shape';

/**
 * A registry outside of AWS that published images can be pushed to: an `ExternalRegistry`, or the construct `AzureContainerRegistry` or
 * `GoogleArtifactRepository`, which creates a registry.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
export interface IExternalRegistry {
  /**
   * The credentials of a user that can push; undefined if there is an identity.
   *
   * @internal
   */
  readonly _credentials?: ISecret;

  /**
   * The identity that can push; undefined if there are credentials.
   *
   * @internal
   */
  readonly _identity?: CloudIdentity;

  /**
   * The host that issues tokens, if it is not one of the known token hosts.
   *
   * @internal
   */
  readonly _tokenHost?: string;

  /**
   * `host/repository` for an image with this name.
   *
   * @internal
   */
  _repository(scope: IConstruct, name: string): string;
}

/** The rule of a registry outside of AWS. */
export const EXTERNAL_REGISTRY: InstanceRule & { readonly required: true } = {
  kind: 'instance', required: true, must: 'be an ExternalRegistry', methods: ['_repository'], fix: 'Call the factory, e.g. ExternalRegistry.azure({ … }).',
};
