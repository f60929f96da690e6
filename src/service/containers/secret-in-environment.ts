import { Annotations, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { byName } from './by-name';
import { ContainerOptions } from './container-options';
import { isSecretName } from '../../private/secret-names';

const ID = 'cdk-container-delivery:secretInEnvironment';

/** Warns about variables with the name of a secret: the task definition shows their values. */
export function warnOfSecretInEnvironment(scope: IConstruct, name: string, { environment = {} }: ContainerOptions): void {
  const suspects = byName(environment)
    .filter(([key, value]) => isSecretName(key) && value !== '' && !Token.isUnresolved(value))
    .map(([key]) => `'${key}'`);
  if (suspects.length > 0) {
    Annotations.of(scope).addWarningV2(ID, [
      `The container '${name}' gets ${suspects.join(', ')} in 'environment', which everybody can read who sees the task definition.`,
      'If it is secret, give it in \'secrets\' with ecs.Secret.fromSecretsManager(…); if not, acknowledge this warning.',
    ].join(' '));
  }
}
