import { Token } from 'aws-cdk-lib';
import { IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { AZURE_CLOUDS, GUID_PATTERN, ROLE_ARN, formatAzureClient } from './azure-client';
import { CloudIdentity } from '../federation/cloud-identity';
import { ROLE } from '../private/rules';
import { Shape, TextRule } from '../private/shape';
import { reject } from '../private/validation';

/** An Azure cloud. */
export enum AzureCloud {
  /** Azure, with registries in `azurecr.io`. */
  PUBLIC = 'PUBLIC',
  /** Azure operated by 21Vianet, with registries in `azurecr.cn`. */
  CHINA = 'CHINA',
  /** Azure Government, with registries in `azurecr.us`. */
  US_GOVERNMENT = 'US_GOVERNMENT',
}

/** Options of `AzureIdentity.federated`: an application or a user-assigned managed identity, and its tenant. */
export interface AzureIdentityFederatedOptions {
  /** The ID of the tenant, a GUID. */
  readonly tenantId: string;

  /** The client ID of the application or managed identity, a GUID. */
  readonly clientId: string;

  /**
   * The role that requests the AWS tokens. Its ARN is the subject of the federated credential. The functions assume this role, so one federated
   * credential is enough, and you know its subject before the first deployment. The role must trust the account, e.g. with `AccountRootPrincipal`.
   *
   * @default - each function uses its own role and needs its own federated credential
   */
  readonly role?: IRole;

  /**
   * The cloud of the tenant.
   *
   * @default AzureCloud.PUBLIC
   */
  readonly cloud?: AzureCloud;
}

/** A GUID, such as the ID of a tenant. */
export const GUID: TextRule & { readonly required: true } = {
  kind: 'text', required: true, pattern: GUID_PATTERN, must: 'be a GUID', fix: 'Write it like "00000000-0000-0000-0000-000000000000".',
};

export const AZURE_IDENTITY = new Shape<AzureIdentityFederatedOptions>('Write { tenantId, clientId }.', {
  tenantId: GUID, clientId: GUID, role: ROLE,
  cloud: { kind: 'enum', values: Object.values(AzureCloud), must: 'be a member of AzureCloud', fix: 'Use AzureCloud.PUBLIC, or leave it out.' },
}, {
  clientSecret: 'Remove it, because the identity needs no password. Add a federated credential in Azure.',
  tenant: 'Write `tenantId`.', client: 'Write `clientId`.', applicationId: 'Write `clientId`.', appId: 'Write `clientId`.', roleArn: 'Write `role`, with iam.Role.fromRoleArn(…).',
});

/**
 * An Azure identity that the functions of this library use without a password.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export class AzureIdentity extends CloudIdentity {
  /**
   * An identity with a federated credential that trusts the tokens of the AWS account. The account needs an `OutboundIdentityFederation`.
   *
   * @param options tenant and client
   */
  public static federated(options: AzureIdentityFederatedOptions): AzureIdentity {
    return new AzureIdentity(options);
  }

  private constructor(private readonly options: AzureIdentityFederatedOptions) {
    super();
  }

  /** @internal */
  public get _text(): string {
    const { tenantId, clientId, role } = this.options;
    return formatAzureClient({ tenantId, clientId, cloud: this._cloud, roleArn: role?.roleArn });
  }

  /** @internal */
  public get _cloud(): AzureCloud {
    return this.options.cloud ?? AzureCloud.PUBLIC;
  }

  /** @internal */
  public override _roles(): IRole[] {
    return this.options.role === undefined ? [] : [this.options.role];
  }

  /** @internal */
  public get _audience(): string | undefined {
    return AZURE_CLOUDS[this._cloud].federation;
  }

  /** @internal */
  public get _hosts(): { readonly pattern: RegExp; readonly must: string } {
    const { registries } = AZURE_CLOUDS[this._cloud];
    return { pattern: new RegExp(`^[a-z0-9-]+\\.${registries.replace('.', '\\.')}$`), must: `end in .${registries}` };
  }

  /** @internal */
  public _isAzureIdentity(): boolean {
    return true;
  }

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    AZURE_IDENTITY.check(scope, property, this.options);
    const { cloud, role } = this.options;
    if (Token.isUnresolved(cloud)) {
      reject(scope, { property: `${property}.cloud`, must: 'be known at synthesis, because the permissions depend on it', got: 'a token', fix: 'Use a member of AzureCloud.' });
    }
    if (role !== undefined && !Token.isUnresolved(role.roleArn) && !ROLE_ARN.test(role.roleArn)) {
      reject(scope, {
        property: `${property}.role`, must: 'have an ARN with letters, digits, and _ + = . @ / - only', got: role.roleArn, fix: 'Use a role with another name or path.',
      });
    }
  }

  /**
   * Allows a function to request the tokens. If the identity has a role, the role gets the permission and the function may assume the role.
   *
   * @internal
   */
  public override _grant(grantee: IGrantable): void {
    const { role } = this.options;
    if (role === undefined) {
      super._grant(grantee);
    } else {
      super._grant(role);
      role.grantAssumeRole(grantee.grantPrincipal);
    }
  }
}
