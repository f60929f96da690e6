import { AwsSeams, Patience } from '../../custom-resource/aws';
import { QueryApi } from '../../custom-resource/query-api';
import { elementAt, textAt } from '../../custom-resource/xml';
import { Failure } from '../../engine/errors';
import { WebIdentity, stsOf, webIdentity } from '../../federation/handler/web-identity';
import type { AzureClient } from '../azure-client';

// The shortest session that AWS STS allows for a role.
const SESSION_SECONDS = 900;

/** The AWS tokens for an identity, requested by its role or by the role of the function. */
export function webIdentityOf({ roleArn }: Pick<AzureClient, 'roleArn'>, seams: AwsSeams, patience: Patience = {}): WebIdentity {
  if (roleArn === undefined) return webIdentity(seams, patience);
  return async request => webIdentity({ ...seams, environment: await assume(roleArn, seams, patience) }, patience)(request);
}

/** Assumes a role. Returns the environment with the credentials of the role. */
async function assume(RoleArn: string, seams: AwsSeams, patience: Patience): Promise<AwsSeams['environment']> {
  const sts = new QueryApi<'AssumeRole'>(stsOf(seams), seams, patience);
  const answer = await sts.ask('AssumeRole', { RoleArn, RoleSessionName: 'cdk-container-delivery', DurationSeconds: SESSION_SECONDS });
  const credentials = elementAt(answer, 'Credentials');
  const part = (name: string) => textAt(credentials, name) ?? missing();
  return { ...seams.environment, AWS_ACCESS_KEY_ID: part('AccessKeyId'), AWS_SECRET_ACCESS_KEY: part('SecretAccessKey'), AWS_SESSION_TOKEN: part('SessionToken') };
}

function missing(): never {
  throw new Failure('AWS STS answered without credentials');
}
