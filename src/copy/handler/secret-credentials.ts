import { partitionOf, AwsSeams, callAws, errorType } from '../../custom-resource/aws';
import { Credentials, CredentialsProvider } from '../../engine/contract';

/** A secret that may be readable a little later: its permission is new, or the service is busy. */
export class SecretUnavailable extends Error {}

/** Reads user and password of a registry from Secrets Manager. What goes wrong is told without any part of the secret. */
export async function readSecret(arn: string, seams: AwsSeams): Promise<Credentials> {
  const [, , , region] = arn.split(':');
  const host = `secretsmanager.${region}.${partitionOf(region).services}`;
  const call = { service: 'secretsmanager', region, host, headers: { 'X-Amz-Target': 'secretsmanager.GetSecretValue' }, body: { SecretId: arn } };
  const answer = await callAws(call, seams).catch(() => {
    throw new SecretUnavailable(`could not read the secret ${arn}: Secrets Manager in ${region} could not be reached`);
  });
  if (answer.status !== 200) {
    const type = errorType(answer.body);
    const sentence = `could not read the secret ${arn}: Secrets Manager answered ${[answer.status, type].filter(Boolean).join(' ')}`;
    if (type === 'AccessDeniedException') {
      throw new SecretUnavailable(`${sentence}; allow secretsmanager:GetSecretValue, and kms:Decrypt on its key, to the role of the function`);
    }
    if (type === 'ResourceNotFoundException') throw new Error(`${sentence}; create it before the copy starts`);
    throw answer.status >= 500 || type === 'ThrottlingException' ? new SecretUnavailable(sentence) : new Error(sentence);
  }
  return credentialsIn(answer.body, arn);
}

/** Credentials of one exact host, beside those that the other provider knows. */
export function forHost(host: string, credentials: Credentials, others: CredentialsProvider): CredentialsProvider {
  return {
    credentialsFor: async (asked, rejected) => {
      if (asked !== host) return others.credentialsFor(asked, rejected);
      // There is no newer secret to offer: a second refusal is final.
      return rejected === undefined ? credentials : undefined;
    },
  };
}

function credentialsIn(body: string, arn: string): Credentials {
  try {
    const { username, password } = JSON.parse(JSON.parse(body).SecretString);
    if (typeof username === 'string' && typeof password === 'string' && username !== '') return { username, password };
  } catch {
    // The parser's message would quote the secret.
  }
  throw new Error(`the secret ${arn} must be JSON like {"username":"...","password":"..."}`);
}
