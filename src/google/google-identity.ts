import { IConstruct } from 'constructs';
import { GOOGLE_HOST } from './artifact-repository-properties';
import { CloudIdentity } from '../federation/cloud-identity';
import { formatIdentity, IdentityKind } from '../federation/identity-text';
import { Shape } from '../private/shape';

/** Options of `GoogleIdentity.federated`: a service account, and the OIDC provider that trusts the AWS account. */
export interface GoogleIdentityFederatedOptions {
  /** The project number (not the project ID) of the workload identity pool, as a string of 6 to 20 digits. */
  readonly projectNumber: string;

  /** The ID of the workload identity pool, 4 to 32 characters. */
  readonly poolId: string;

  /** The ID of the provider in the pool, 4 to 32 characters. */
  readonly providerId: string;

  /** The service account that the functions impersonate, `name@project.iam.gserviceaccount.com`. */
  readonly serviceAccountEmail: string;
}

/** Options of `GoogleIdentity.awsProvider`: a service account, and the provider of type AWS that trusts the AWS account. */
export interface GoogleIdentityAwsProviderOptions extends GoogleIdentityFederatedOptions {}

const ID = /^(?!gcp-)[a-z0-9-]{4,32}$/;
const ID_RULE = 'be 4 to 32 lower-case letters, digits and hyphens, and not begin with "gcp-"';

export const GOOGLE_IDENTITY = new Shape<GoogleIdentityFederatedOptions>('Write { projectNumber, poolId, providerId, serviceAccountEmail }.', {
  projectNumber: {
    kind: 'text', required: true, pattern: /^\d{6,20}$/, must: 'be the number of a project, as a string',
    fix: 'Print it: gcloud projects describe <project> --format="value(projectNumber)".',
  },
  poolId: { kind: 'text', required: true, pattern: ID, must: ID_RULE, fix: 'Write the ID of the workload identity pool, without the path before it.' },
  providerId: { kind: 'text', required: true, pattern: ID, must: ID_RULE, fix: 'Write the ID of the provider, without the path before it.' },
  serviceAccountEmail: {
    kind: 'text', required: true, pattern: /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?@(?:[a-z0-9-]+\.)+gserviceaccount\.com$/,
    must: 'be the address of a service account', fix: 'Write it like "images@my-project.iam.gserviceaccount.com".',
  },
}, { projectId: 'Write `projectNumber`.', project: 'Write `projectNumber`.', pool: 'Write `poolId`.', provider: 'Write `providerId`.', serviceAccount: 'Write `serviceAccountEmail`.' });

/**
 * A Google service account that the functions of this library use without a password.
 *
 * A function proves its IAM role to a provider of a workload identity pool, and impersonates the service account. The guide shows the setup in
 * Google Cloud.
 *
 * @see https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds
 */
export class GoogleIdentity extends CloudIdentity {
  /**
   * An identity for an OIDC provider that trusts the tokens of the AWS account. The account needs an `OutboundIdentityFederation`.
   *
   * @param options provider and service account
   */
  public static federated(options: GoogleIdentityFederatedOptions): GoogleIdentity {
    return new GoogleIdentity('google', options);
  }

  /**
   * An identity for an AWS provider, for accounts without outbound identity federation. The function proves its role with a signed request for
   * `sts:GetCallerIdentity`, which needs no permission.
   *
   * @param options provider and service account
   */
  public static awsProvider(options: GoogleIdentityAwsProviderOptions): GoogleIdentity {
    return new GoogleIdentity('google-aws', options);
  }

  private constructor(private readonly kind: IdentityKind, private readonly options: GoogleIdentityFederatedOptions) {
    super();
  }

  /** @internal */
  public get _text(): string {
    const { projectNumber, poolId, providerId, serviceAccountEmail } = this.options;
    return formatIdentity(this.kind, [projectNumber, poolId, providerId, serviceAccountEmail]);
  }

  /** @internal */
  public get _audience(): string | undefined {
    const { projectNumber, poolId, providerId } = this.options;
    // The default audience of a provider.
    return this.kind === 'google' ? `https://iam.googleapis.com/projects/${projectNumber}/locations/global/workloadIdentityPools/${poolId}/providers/${providerId}` : undefined;
  }

  /** @internal */
  public get _hosts(): { readonly pattern: RegExp; readonly must: string } {
    return { pattern: GOOGLE_HOST, must: 'end in -docker.pkg.dev or gcr.io' };
  }

  /** @internal */
  public _isGoogleIdentity(): boolean {
    return true;
  }

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    GOOGLE_IDENTITY.check(scope, property, this.options);
  }
}
