import { IConstruct } from 'constructs';
import { checkContainerSecret } from '../../../private/check-secret';
import { checkObject } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';
import type { ContainerOptions } from '../container-options';

// https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-8
const CREDENTIALS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'ECS_ENGINE_AUTH_DATA'];

/** Environment variables and secrets, of which ECS takes each name once. */
export function checkEnvironment(scope: IConstruct, container: string, { environment = {}, secrets = {} }: ContainerOptions): void {
  checkObject(scope, `${container}.environment`, environment, 'Write environment: { NAME: \'value\' }, or leave it out.');
  checkObject(scope, `${container}.secrets`, secrets, 'Write secrets: { NAME: ecs.Secret.fromSecretsManager(…) }, or leave it out.');
  for (const [name, value] of Object.entries(environment)) {
    const property = `${container}.environment.${name}`;
    checkName(scope, `${container}.environment`, name);
    if (CREDENTIALS.includes(name)) {
      reject(scope, {
        property, must: 'be left out, because everybody who sees the task definition sees it', got: 'a value, which is not shown',
        fix: 'Grant the role of the service what it needs: bucket.grantRead(service).',
      });
    }
    checkPattern(scope, {
      property, value, pattern: /^/, must: 'be a text',
      fix: 'An environment variable of the machine that synthesizes may not be set: give a default.',
    });
    if (Object.hasOwn(secrets, name)) {
      reject(scope, {
        property, must: 'not be among the secrets too', got: name, fix: 'Keep it in one of the two: what is secret, in secrets.',
      });
    }
  }
  for (const [name, value] of Object.entries(secrets)) {
    checkName(scope, `${container}.secrets`, name);
    checkContainerSecret(scope, `${container}.secrets.${name}`, value);
  }
}

function checkName(scope: IConstruct, property: string, name: string): void {
  checkPattern(scope, {
    property, value: name, pattern: /^[^=\s\0]+$/, must: 'have names without spaces and "="', fix: 'Choose a name such as "LOG_LEVEL".',
  });
}
