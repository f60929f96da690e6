import { Annotations, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { byName } from './by-name';
import { ContainerOptions } from './container-options';

const ID = 'cdk-container-delivery:secretInEnvironment';

const SECRET = /(^|_)(SECRET|SECRETS|PASSWORD|PASSWD|PASSPHRASE|TOKEN|KEY|APIKEY|CREDENTIALS?)(_|$)/i;

// What such a name ends with when the value only says where the secret is, or something about it.
const ABOUT_SECRET = /_(ARN|ID|NAME|URL|URI|ENDPOINT|HOST|FILE|PATH|DIR|PREFIX|REGION|ALIAS|TTL|EXPIRY|LENGTH|SIZE|TYPE|HEADER|ENABLED)$|(^|_)PUBLIC_KEY(_|$)/i;

/** Whoever may look at the task definition can read its environment. */
export function warnOfSecretInEnvironment(scope: IConstruct, name: string, { environment = {} }: ContainerOptions): void {
  const suspects = byName(environment)
    .filter(([key, value]) => SECRET.test(key) && !ABOUT_SECRET.test(key) && value !== '' && !Token.isUnresolved(value))
    .map(([key]) => `'${key}'`);
  if (suspects.length > 0) {
    Annotations.of(scope).addWarningV2(ID, [
      `The container '${name}' gets ${suspects.join(', ')} in 'environment', which everybody can read who sees the task definition.`,
      'If it is secret, give it in \'secrets\' with ecs.Secret.fromSecretsManager(…); if not, acknowledge this warning.',
    ].join(' '));
  }
}
