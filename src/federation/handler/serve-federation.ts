import { AwsCallError, AwsDependencies, partitionOf } from '../../custom-resource/aws';
import { LambdaDependencies } from '../../custom-resource/lambda';
import { CustomResourceEvent, InvocationContext, Outcome, WorkLimits, resourceHash, serveCustomResource } from '../../custom-resource/protocol';
import { QueryApi, QueryService } from '../../custom-resource/query-api';
import { textAt } from '../../custom-resource/xml';
import type { FederationData } from '../federation-properties';

type Operation = 'EnableOutboundWebIdentityFederation' | 'DisableOutboundWebIdentityFederation' | 'GetOutboundWebIdentityFederationInfo';

const ENABLED_HERE = 'outbound-identity-federation-enabled-here#';
const MAX_RESPONSE_BYTES = 128 * 1024;

/**
 * Serves `Custom::OutboundIdentityFederation`.
 *
 * The physical ID records whether this resource has enabled the feature. If the function crashes between enabling it and responding, the second
 * attempt finds it enabled, and the feature stays enabled on Delete.
 */
export async function serveFederation(event: CustomResourceEvent, context: InvocationContext, dependencies: LambdaDependencies): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the change of outbound identity federation',
    timeoutFix: 'deploy again',
    physicalId: ({ PhysicalResourceId: current }) => current ?? `outbound-identity-federation#${resourceHash(event)}`,
    work: async ({ PhysicalResourceId: current }, limits) => {
      const { isNew, issuerUrl } = await new Federation(dependencies, limits).enable();
      const data: FederationData = { IssuerUrl: issuerUrl };
      const physicalId = current ?? (isNew ? `${ENABLED_HERE}${resourceHash(event)}` : undefined);
      return { status: 'SUCCESS', summary: `outbound identity federation is ${isNew ? 'now' : 'already'} enabled`, data: { ...data }, physicalId };
    },
    remove: async ({ PhysicalResourceId: current = '', ResourceProperties }, limits): Promise<Outcome> => {
      if (ResourceProperties?.OnRemoval !== 'Disable' || !current.startsWith(ENABLED_HERE)) {
        return { status: 'SUCCESS', summary: 'outbound identity federation stays as it is' };
      }
      await new Federation(dependencies, limits).disable();
      return { status: 'SUCCESS', summary: 'outbound identity federation is disabled again' };
    },
  }, dependencies);
}

/**
 * Outbound identity federation of the account.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
 */
class Federation {
  private readonly api: QueryApi<Operation>;

  constructor(dependencies: AwsDependencies, limits: WorkLimits) {
    this.api = new QueryApi(iam(dependencies), dependencies, limits);
  }

  /** Enables it if it is disabled. */
  public async enable(): Promise<{ readonly isNew: boolean; readonly issuerUrl: string }> {
    const issuerUrl = await this.issuerUrl();
    if (issuerUrl !== undefined) return { isNew: false, issuerUrl };
    // False if another stack has enabled the feature in the meantime.
    const isNew = await this.callUnless('FeatureEnabled', 'EnableOutboundWebIdentityFederation');
    return { isNew, issuerUrl: await this.issuerUrl() ?? missing() };
  }

  /** Disables it if it is enabled. */
  public async disable(): Promise<void> {
    await this.callUnless('FeatureDisabled', 'DisableOutboundWebIdentityFederation');
  }

  /** The issuer. `undefined` if the feature is disabled. */
  private async issuerUrl(): Promise<string | undefined> {
    try {
      const result = await this.api.call('GetOutboundWebIdentityFederationInfo', {});
      return textAt(result, 'JwtVendingEnabled') === 'false' ? undefined : textAt(result, 'IssuerIdentifier') ?? missing();
    } catch (error) {
      if (error instanceof AwsCallError && error.type === 'FeatureDisabled') return undefined;
      throw error;
    }
  }

  /** Calls an operation. Returns `false` if AWS reports with an error that there is nothing to do. */
  private async callUnless(type: 'FeatureEnabled' | 'FeatureDisabled', operation: Operation): Promise<boolean> {
    try {
      await this.api.call(operation, {});
      return true;
    } catch (error) {
      if (error instanceof AwsCallError && error.type === type) return false;
      throw error;
    }
  }
}

function missing(): never {
  throw new Error('IAM did not report the issuer of outbound identity federation; deploy again');
}

/** A global endpoint of IAM: the beginning of its host, and the region to sign for. */
interface IamEndpoint {
  readonly prefix: string;
  readonly region: string;
}

// Only AWS Regions of China, GovCloud and the commercial partition have a global endpoint. Domains are those of `partitionOf`.
const IAM_ENDPOINTS: readonly (IamEndpoint & { readonly regions: RegExp; readonly domain: string })[] = [
  { regions: /^cn-/, domain: 'amazonaws.com.cn', prefix: 'iam.cn-north-1', region: 'cn-north-1' },
  { regions: /^us-gov-/, domain: 'amazonaws.com', prefix: 'iam.us-gov', region: 'us-gov-west-1' },
  { regions: /^/, domain: 'amazonaws.com', prefix: 'iam', region: 'us-east-1' },
];

/** IAM with its global endpoint. */
function iam({ environment: { AWS_REGION: region = '' } }: AwsDependencies): QueryService {
  const { services } = partitionOf(region);
  const endpoint: IamEndpoint = IAM_ENDPOINTS.find(({ regions, domain }) => regions.test(region) && domain === services) ?? { prefix: `iam.${region}`, region };
  return {
    service: 'iam', title: 'IAM', version: '2010-05-08', region: endpoint.region, host: `${endpoint.prefix}.${services}`, maxResponseBytes: MAX_RESPONSE_BYTES,
  };
}
