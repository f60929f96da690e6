import { IConstruct } from 'constructs';
import { checkValue } from './shape';

/** A secret as ECS takes it: of Secrets Manager or Systems Manager. */
export function checkContainerSecret(scope: IConstruct, property: string, value: unknown): void {
  checkValue(scope, property, value, {
    kind: 'instance', required: true, must: 'be an ecs.Secret', methods: ['grantRead'], properties: ['arn'], secret: true,
    fix: 'Make one with ecs.Secret.fromSecretsManager(…) or ecs.Secret.fromSsmParameter(…).',
  });
}
