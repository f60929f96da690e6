import { AwsCallError, AwsDependencies, CallLimits, partitionOf } from '../../custom-resource/aws';
import { QueryApi, QueryService } from '../../custom-resource/query-api';
import { textAt } from '../../custom-resource/xml';
import { Failure } from '../../engine/errors';
import { SIGNING_ALGORITHM } from '../identity-text';

/** A request for a token that proves the role of the function to a service outside of AWS. */
export interface WebIdentityRequest {
  /** The recipient of the token. It must reject tokens for other recipients. */
  readonly audience: string;
  /** The lifetime in seconds: at least 60, and at most the lifetime that the policy of the function allows. */
  readonly durationSeconds: number;
}

/** Requests a token. It is a secret: it must never be in a log or an error. */
export type WebIdentity = (request: WebIdentityRequest) => Promise<string>;

const MAX_RESPONSE_BYTES = 128 * 1024;

// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html#API_GetWebIdentityToken_Errors
const FIXES: Readonly<Record<string, string>> = {
  OutboundWebIdentityFederationDisabledException:
    'outbound identity federation is disabled in this account; add an OutboundIdentityFederation to one stack of the account, deploy it, and trust its issuerUrl in the other cloud',
  SessionDurationEscalationException: 'the session of the function ends before the token would; deploy again',
  JWTPayloadSizeExceededException: 'the role of the function has too many tags',
  RegionDisabledException: 'AWS STS is not enabled in this region; enable it in the account settings of IAM',
};

/**
 * Requests tokens with `sts:GetWebIdentityToken` on the regional endpoint, because the global one does not have this operation. Throws a
 * `Failure` that contains the fix.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
 */
export function webIdentity(dependencies: AwsDependencies, limits: CallLimits = {}): WebIdentity {
  const api = new QueryApi<'GetWebIdentityToken'>(stsOf(dependencies), dependencies, limits);
  return async ({ audience, durationSeconds }) => {
    try {
      const result = await api.call('GetWebIdentityToken', { Audience: [audience], DurationSeconds: durationSeconds, SigningAlgorithm: SIGNING_ALGORITHM });
      return textAt(result, 'WebIdentityToken') ?? noToken();
    } catch (error) {
      throw failureOf(error);
    }
  };
}

/** AWS STS in the region of the function. */
export function stsOf({ environment: { AWS_REGION: region = '' } }: Pick<AwsDependencies, 'environment'>): QueryService {
  return {
    service: 'sts', title: 'AWS STS', version: '2011-06-15', region, host: `sts.${region}.${partitionOf(region).services}`, maxResponseBytes: MAX_RESPONSE_BYTES,
  };
}

function noToken(): never {
  throw new Failure('AWS STS answered without a token');
}

function failureOf(error: unknown): unknown {
  if (!(error instanceof AwsCallError)) return error;
  const fix = FIXES[error.type ?? ''];
  // Not retryable, because the call has already been retried.
  return new Failure(`AWS gave no token for the other cloud: ${fix ?? error.message}`);
}
