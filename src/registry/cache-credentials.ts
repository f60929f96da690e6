import { Stack, Token } from 'aws-cdk-lib';
import { CfnSecret, ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { checkSecret } from '../private/check-secret';
import { reject } from '../private/validation';

const property = 'pullThroughCaches.credentials';
const PREFIX = 'ecr-pullthroughcache/';
const FIX = 'Store {"username":"…","accessToken":"…"} there, and give secretsmanager.Secret.fromSecretCompleteArn(…).';

/**
 * A secret as ECR wants it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
 */
export function checkCacheCredentials(scope: IConstruct, secret: ISecret): void {
  checkSecret(scope, property, secret, FIX);
  checkName(scope, secret);
  if (secret.encryptionKey !== undefined) {
    reject(scope, {
      property, must: 'be encrypted with the default key of Secrets Manager, because ECR reads no other', got: 'a secret with a key of its own',
      fix: 'Leave encryptionKey out.',
    });
  }
  checkSame(scope, 'account', secret.env.account);
  checkSame(scope, 'region', secret.env.region);
}

function checkName(scope: IConstruct, secret: ISecret): void {
  const { defaultChild } = secret.node;
  // The name of a secret that this app creates is a token; that of its resource is none, or nothing.
  const name: unknown = Stack.of(secret).resolve(defaultChild instanceof CfnSecret ? defaultChild.name : secret.secretName);
  if (typeof name === 'string' ? name.startsWith(PREFIX) && name.length > PREFIX.length : name !== undefined) return;
  reject(scope, {
    property, must: `have a name that begins with "${PREFIX}", because ECR reads no other secret`, got: name ?? 'a name made by CloudFormation',
    fix: `Name it, e.g. secretName: "${PREFIX}docker-hub".`,
  });
}

function checkSame(scope: IConstruct, what: 'account' | 'region', got: string): void {
  const own = Stack.of(scope)[what];
  if (Token.isUnresolved(own) || Token.isUnresolved(got) || own === got) return;
  reject(scope, { property, must: `be in the ${what} of the registry, ${own}`, got, fix: 'Replicate the secret, or create one there.' });
}
