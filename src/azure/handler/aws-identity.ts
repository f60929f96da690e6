import { AwsDependencies, CallLimits } from '../../custom-resource/aws';
import { QueryApi } from '../../custom-resource/query-api';
import { elementAt, textAt } from '../../custom-resource/xml';
import { Failure } from '../../engine/errors';
import { WebIdentity, stsOf, webIdentity } from '../../federation/handler/web-identity';
import type { AzureClient } from '../azure-client';

// The shortest session that AWS STS allows for a role.
const SESSION_SECONDS = 900;

/** The AWS tokens for an identity, requested by its role or by the role of the function. */
export function webIdentityOf({ roleArn }: Pick<AzureClient, 'roleArn'>, dependencies: AwsDependencies, limits: CallLimits = {}): WebIdentity {
  if (roleArn === undefined) return webIdentity(dependencies, limits);
  return async request => webIdentity({ ...dependencies, environment: await assume(roleArn, dependencies, limits) }, limits)(request);
}

/** Assumes a role. Returns the environment with the credentials of the role. */
async function assume(RoleArn: string, dependencies: AwsDependencies, limits: CallLimits): Promise<AwsDependencies['environment']> {
  const sts = new QueryApi<'AssumeRole'>(stsOf(dependencies), dependencies, limits);
  const output = await sts.call('AssumeRole', { RoleArn, RoleSessionName: 'cdk-container-delivery', DurationSeconds: SESSION_SECONDS });
  const credentials = elementAt(output, 'Credentials');
  const part = (name: string) => textAt(credentials, name) ?? missing();
  return { ...dependencies.environment, AWS_ACCESS_KEY_ID: part('AccessKeyId'), AWS_SECRET_ACCESS_KEY: part('SecretAccessKey'), AWS_SESSION_TOKEN: part('SessionToken') };
}

function missing(): never {
  throw new Failure('AWS STS answered without credentials');
}
