import { AwsRefusal, AwsSeams, partitionOf } from '../../custom-resource/aws';
import { CustomResourceEvent, InvocationContext, Outcome, Seams, WorkLimits, resourceHash, serveCustomResource } from '../../custom-resource/protocol';
import { QueryApi, QueryService } from '../../custom-resource/query-api';
import { textAt } from '../../custom-resource/xml';
import type { FederationData } from '../federation-properties';

type Operation = 'EnableOutboundWebIdentityFederation' | 'DisableOutboundWebIdentityFederation' | 'GetOutboundWebIdentityFederationInfo';

const ENABLED_HERE = 'outbound-identity-federation-enabled-here#';
const MAX_ANSWER_BYTES = 128 * 1024;

/**
 * Serves `Custom::OutboundIdentityFederation`.
 *
 * The physical ID records whether this resource has enabled the feature. If the function crashes between enabling it and responding, the second
 * attempt finds it enabled, and the feature stays enabled on Delete.
 */
export async function serveFederation(event: CustomResourceEvent, context: InvocationContext, seams: Seams & AwsSeams): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the change of outbound identity federation',
    tooLong: 'deploy again',
    physicalId: ({ PhysicalResourceId: current }) => current ?? `outbound-identity-federation#${resourceHash(event)}`,
    work: async ({ PhysicalResourceId: current }, limits) => {
      const { isNew, issuerUrl } = await new Federation(seams, limits).enable();
      const data: FederationData = { IssuerUrl: issuerUrl };
      const physicalId = current ?? (isNew ? `${ENABLED_HERE}${resourceHash(event)}` : undefined);
      return { status: 'SUCCESS', summary: `outbound identity federation is ${isNew ? 'now' : 'already'} enabled`, data: { ...data }, physicalId };
    },
    remove: async ({ PhysicalResourceId: current = '', ResourceProperties }, limits): Promise<Outcome> => {
      if (ResourceProperties?.OnRemoval !== 'Disable' || !current.startsWith(ENABLED_HERE)) {
        return { status: 'SUCCESS', summary: 'outbound identity federation stays as it is' };
      }
      await new Federation(seams, limits).disable();
      return { status: 'SUCCESS', summary: 'outbound identity federation is disabled again' };
    },
  }, seams);
}

/**
 * Outbound identity federation of the account.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
 */
class Federation {
  private readonly api: QueryApi<Operation>;

  constructor(seams: AwsSeams, limits: WorkLimits) {
    this.api = new QueryApi(iam(seams), seams, limits);
  }

  /** Enables it if it is disabled. */
  public async enable(): Promise<{ readonly isNew: boolean; readonly issuerUrl: string }> {
    const issuerUrl = await this.issuerUrl();
    if (issuerUrl !== undefined) return { isNew: false, issuerUrl };
    // False if another stack has enabled the feature in the meantime.
    const isNew = await this.unless('FeatureEnabled', 'EnableOutboundWebIdentityFederation');
    return { isNew, issuerUrl: await this.issuerUrl() ?? missing() };
  }

  /** Disables it if it is enabled. */
  public async disable(): Promise<void> {
    await this.unless('FeatureDisabled', 'DisableOutboundWebIdentityFederation');
  }

  /** The issuer. `undefined` if the feature is disabled. */
  private async issuerUrl(): Promise<string | undefined> {
    try {
      const result = await this.api.ask('GetOutboundWebIdentityFederationInfo', {});
      return textAt(result, 'JwtVendingEnabled') === 'false' ? undefined : textAt(result, 'IssuerIdentifier') ?? missing();
    } catch (error) {
      if (error instanceof AwsRefusal && error.type === 'FeatureDisabled') return undefined;
      throw error;
    }
  }

  /** Calls an operation. Returns `false` if AWS reports that there is nothing to do. */
  private async unless(type: string, operation: Operation): Promise<boolean> {
    try {
      await this.api.ask(operation, {});
      return true;
    } catch (error) {
      if (error instanceof AwsRefusal && error.type === type) return false;
      throw error;
    }
  }
}

function missing(): never {
  throw new Error('IAM did not report the issuer of outbound identity federation; deploy again');
}

/** The global endpoint of IAM in a partition, and the region to sign for. */
function iam({ environment: { AWS_REGION: region = '' } }: AwsSeams): QueryService {
  const { services } = partitionOf(region);
  const [signingRegion, host] = region.startsWith('cn-') ? ['cn-north-1', `iam.cn-north-1.${services}`]
    : region.startsWith('us-gov-') ? ['us-gov-west-1', `iam.us-gov.${services}`]
      : services === 'amazonaws.com' ? ['us-east-1', `iam.${services}`] : [region, `iam.${region}.${services}`];
  return { service: 'iam', title: 'IAM', version: '2010-05-08', region: signingRegion, host, maxAnswerBytes: MAX_ANSWER_BYTES };
}
