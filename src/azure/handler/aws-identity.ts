import { AwsSeams, Patience, partitionOf } from '../../custom-resource/aws';
import { QueryApi } from '../../custom-resource/query-api';
import { elementAt, textAt } from '../../custom-resource/xml';
import { Failure } from '../../engine/errors';
import { WebIdentity, webIdentity } from '../../federation/handler/web-identity';
import type { AzureClient } from '../azure-client';

const MAX_ANSWER_BYTES = 128 * 1024;
// The shortest session of a role.
const SESSION_SECONDS = 900;

/** The tokens of AWS for an identity: those of its role, or of the role of the function. */
export function webIdentityOf({ roleArn }: Pick<AzureClient, 'roleArn'>, seams: AwsSeams, patience: Patience = {}): WebIdentity {
  if (roleArn === undefined) return webIdentity(seams, patience);
  return async request => webIdentity({ ...seams, environment: await assume(roleArn, seams, patience) }, patience)(request);
}

/** The environment with the credentials of a role. */
async function assume(RoleArn: string, seams: AwsSeams, patience: Patience): Promise<AwsSeams['environment']> {
  const { AWS_REGION: region = '' } = seams.environment;
  const host = `sts.${region}.${partitionOf(region).services}`;
  const sts = new QueryApi<'AssumeRole'>({ service: 'sts', title: 'AWS STS', version: '2011-06-15', region, host, maxAnswerBytes: MAX_ANSWER_BYTES }, seams, patience);
  const answer = await sts.ask('AssumeRole', { RoleArn, RoleSessionName: 'cdk-container-delivery', DurationSeconds: SESSION_SECONDS });
  const credentials = elementAt(answer, 'Credentials');
  const part = (name: string) => textAt(credentials, name) ?? missing();
  return { ...seams.environment, AWS_ACCESS_KEY_ID: part('AccessKeyId'), AWS_SECRET_ACCESS_KEY: part('SecretAccessKey'), AWS_SESSION_TOKEN: part('SessionToken') };
}

function missing(): never {
  throw new Failure('AWS STS answered without credentials');
}
