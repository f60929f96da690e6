import { WebIdentity } from './azure-http';
import { AwsSeams, partitionOf } from '../../custom-resource/aws';
import { QueryApi } from '../../custom-resource/query-api';
import { XmlElement, elementAt, textAt } from '../../custom-resource/xml';
import type { AzureIdentityProperties } from '../azure-identity-properties';

/** The tokens of AWS for an identity: those of its role, or of the role of the function. */
export function webIdentityOf({ RoleArn }: Pick<AzureIdentityProperties, 'RoleArn'>, seams: AwsSeams): WebIdentity {
  return async request => tokenOf(request, RoleArn === undefined ? seams : { ...seams, environment: await assume(RoleArn, seams) });
}

function sts(seams: AwsSeams): QueryApi<'AssumeRole' | 'GetWebIdentityToken'> {
  const { AWS_REGION: region = '' } = seams.environment;
  const host = `sts.${region}.${partitionOf(region).services}`;
  return new QueryApi({ service: 'sts', title: 'STS', version: '2011-06-15', region, host, maxAnswerBytes: 128 * 1024 }, seams);
}

/** The environment with the credentials of a role. */
async function assume(RoleArn: string, seams: AwsSeams): Promise<AwsSeams['environment']> {
  const answer = await sts(seams).ask('AssumeRole', { RoleArn, RoleSessionName: 'cdk-container-delivery', DurationSeconds: 900 });
  const credentials = elementAt(answer, 'Credentials');
  const part = (name: string) => required(textAt(credentials, name), 'AssumeRole');
  return { ...seams.environment, AWS_ACCESS_KEY_ID: part('AccessKeyId'), AWS_SECRET_ACCESS_KEY: part('SecretAccessKey'), AWS_SESSION_TOKEN: part('SessionToken') };
}

async function tokenOf({ audience, durationSeconds }: Parameters<WebIdentity>[0], seams: AwsSeams): Promise<string> {
  const answer: XmlElement | undefined = await sts(seams).ask('GetWebIdentityToken', {
    Audience: [audience], DurationSeconds: durationSeconds, SigningAlgorithm: 'RS256',
  });
  return required(textAt(answer, 'WebIdentityToken'), 'GetWebIdentityToken');
}

function required(text: string | undefined, operation: string): string {
  if (text !== undefined && text !== '') return text;
  throw new Error(`the answer of STS to ${operation} cannot be read`);
}
