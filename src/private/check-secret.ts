import { IConstruct } from 'constructs';
import { hasMethods, isObject } from './check-types';
import { reject } from './validation';

const USER_AND_PASSWORD = 'Store user and password there, and give secretsmanager.Secret.fromSecretNameV2(…).';

/** A secret of Secrets Manager. */
export function checkSecret(scope: IConstruct, property: string, value: unknown, fix = USER_AND_PASSWORD): void {
  check(scope, property, value, { arn: 'secretArn', must: 'be a secret of Secrets Manager', fix });
}

/** A secret as ECS takes it: of Secrets Manager or Systems Manager. */
export function checkContainerSecret(scope: IConstruct, property: string, value: unknown): void {
  check(scope, property, value, {
    arn: 'arn',
    must: 'be an ecs.Secret',
    fix: 'Make one with ecs.Secret.fromSecretsManager(…) or ecs.Secret.fromSsmParameter(…).',
  });
}

/** What is given in place of a secret may well be the password, so nothing of it is shown. */
function check(scope: IConstruct, property: string, value: unknown, rule: { arn: string; must: string; fix: string }): void {
  const { arn, must, fix } = rule;
  if (!isObject(value) || typeof value[arn] !== 'string' || !hasMethods(value, 'grantRead')) {
    const got = value === undefined || value === null ? value : `something of type ${typeof value}, which is not shown`;
    reject(scope, { property, must, got, fix });
  }
}
