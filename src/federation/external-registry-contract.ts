import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct, IDependable } from 'constructs';
import type { CloudIdentity } from './cloud-identity';

/**
 * A registry outside of AWS that published images can be pushed to: an `ExternalRegistry`, or a construct that creates one, such as
 * `AzureContainerRegistry`.
 */
export interface IExternalRegistry {
  /**
   * The user that can push; undefined if there is an identity.
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
   * The host that issues tokens, if it is not known anyway.
   *
   * @internal
   */
  readonly _tokenHost?: string;

  /**
   * The resource that creates the registry; undefined if the registry exists already. Copies wait for it.
   *
   * @internal
   */
  readonly _creation?: IDependable;

  /**
   * `host/repository` for an image with this name. Throws if the registry or the name is wrong.
   *
   * @internal
   */
  _repository(scope: IConstruct, name: string): string;
}
