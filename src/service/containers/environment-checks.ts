import { IConstruct } from 'constructs';
import { ContainerOptions } from './container-options';
import { checkContainerSecret } from '../../private/check-secret';
import { checkObject } from '../../private/check-types';
import { checkPattern, reject } from '../../private/validation';

/** Environment variables and secrets, of which ECS takes each name once. */
export function checkEnvironment(scope: IConstruct, container: string, { environment = {}, secrets = {} }: ContainerOptions): void {
  checkObject(scope, `${container}.environment`, environment, 'Write environment: { NAME: \'value\' }, or leave it out.');
  checkObject(scope, `${container}.secrets`, secrets, 'Write secrets: { NAME: ecs.Secret.fromSecretsManager(…) }, or leave it out.');
  for (const [name, value] of Object.entries(environment)) {
    const property = `${container}.environment.${name}`;
    checkPattern(scope, {
      property, value, pattern: /^/, must: 'be a text',
      cure: 'An environment variable of the machine that synthesizes may not be set: give a default.',
    });
    if (Object.hasOwn(secrets, name)) {
      reject(scope, {
        property, must: 'not be among the secrets too', got: name, cure: 'Keep it in one of the two: what is secret, in secrets.',
      });
    }
  }
  for (const [name, value] of Object.entries(secrets)) {
    checkContainerSecret(scope, `${container}.secrets.${name}`, value);
  }
}
