import { IConstruct } from 'constructs';
import { CloudIdentity } from '../federation/cloud-identity';
import { formatIdentity } from '../federation/identity-text';
import { Shape, TextRule } from '../private/shape';

/** An application or a user-assigned managed identity of Azure, and its tenant. */
export interface AzureIdentityOptions {
  /** The ID of the tenant, a GUID. */
  readonly tenantId: string;

  /** The client ID of the application or managed identity, a GUID. */
  readonly clientId: string;
}

const GUID: TextRule & { readonly required: true } = {
  kind: 'text', required: true, pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, must: 'be a GUID', fix: 'Write it like "00000000-0000-0000-0000-000000000000".',
};

export const AZURE_IDENTITY = new Shape<AzureIdentityOptions>('Write { tenantId, clientId }.', { tenantId: GUID, clientId: GUID });

/**
 * An identity of Azure that the functions of this library take on without a password.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export class AzureIdentity extends CloudIdentity {
  /**
   * An identity with a federated credential that trusts the tokens of the AWS account. The account needs an `OutboundIdentityFederation`.
   *
   * @param options tenant and client
   */
  public static federated(options: AzureIdentityOptions): AzureIdentity {
    return new AzureIdentity(options);
  }

  private constructor(private readonly options: AzureIdentityOptions) {
    super();
  }

  /** @internal */
  public get _text(): string {
    const { tenantId, clientId } = this.options;
    return formatIdentity('azure', [tenantId, clientId]);
  }

  /** @internal */
  public get _audience(): string | undefined {
    return 'api://AzureADTokenExchange';
  }

  /** @internal */
  public get _hosts(): { readonly pattern: RegExp; readonly must: string } {
    return { pattern: /^[a-z0-9-]+\.azurecr\.[a-z.]+$/, must: 'end in .azurecr.io' };
  }

  /** @internal */
  public _isAzureIdentity(): boolean {
    return true;
  }

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    AZURE_IDENTITY.check(scope, property, this.options);
  }
}
