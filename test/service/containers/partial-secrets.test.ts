import { ContainerImage, FireLensLogDriver, Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { ContainerLogging, ContainerOptions, FargateService } from '../../../src';
import { newCluster, newStack, Template } from '../../helpers/stack';
import { messageOf } from '../../helpers/wrong-input';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:db';

function told(options: (scope: Construct) => Partial<ContainerOptions>): string {
  const stack = newStack();
  return messageOf(() => {
    new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image: ContainerImage.fromRegistry('nginx'), ...options(stack) } } });
    Template.fromStack(stack);
  });
}

const PARTIAL: [string, (scope: Construct) => ISecret][] = [
  ['by name', scope => Secret.fromSecretNameV2(scope, 'Secret', 'db')],
  ['by name with a path', scope => Secret.fromSecretNameV2(scope, 'Secret', 'prod/db')],
  ['by partial ARN', scope => Secret.fromSecretPartialArn(scope, 'Secret', ARN)],
];
// The names end like a complete ARN.
const LIKE_COMPLETE: [string, (scope: Construct) => ISecret][] = [
  ['by name', scope => Secret.fromSecretNameV2(scope, 'Secret', 'db-secret')],
  ['by partial ARN', scope => Secret.fromSecretPartialArn(scope, 'Secret', `${ARN}-prod01`)],
];
const COMPLETE: [string, (scope: Construct) => ISecret][] = [
  ['by complete ARN', scope => Secret.fromSecretCompleteArn(scope, 'Secret', `${ARN}-AbCd12`)],
  ['created in the app', scope => new Secret(scope, 'Secret', { secretName: 'db' })],
];

test.each(PARTIAL)('a field of a secret imported %s is rejected, because ECS needs the complete ARN', (_, secretOf) => {
  expect(told(scope => ({ secrets: { PASSWORD: EcsSecret.fromSecretsManager(secretOf(scope), 'password') } })))
    .toMatch(/'containers\.web\.secrets\.PASSWORD' must have the complete ARN of the secret, because ECS needs it to read a field, got "the secret \\?".*db.*fromSecretCompleteArn/);
});

test.each([...PARTIAL, ...LIKE_COMPLETE])('a field of a secret imported %s is rejected in containers that are added later, in every way', (_, secretOf) => {
  const image = ContainerImage.fromRegistry('nginx');
  const WAYS: ((service: FargateService, secret: EcsSecret) => unknown)[] = [
    (service, secret) => service.addContainer('sidecar', { image, secrets: { PASSWORD: secret } }),
    ({ taskDefinition }, secret) => taskDefinition.addContainer('sidecar', { image, secrets: { PASSWORD: secret } }),
    ({ taskDefinition }, secret) => taskDefinition.defaultContainer?.addSecret('PASSWORD', secret),
  ];
  WAYS.forEach(add => {
    const stack = newStack();
    const service = new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } } });
    expect(messageOf(() => {
      add(service, EcsSecret.fromSecretsManager(secretOf(stack), 'password'));
      Template.fromStack(stack);
    })).toMatch(/\.secrets\.PASSWORD' must have the complete ARN of the secret/);
  });
});

test.each(PARTIAL)('a version of a secret imported %s is rejected too', (_, secretOf) => {
  expect(told(scope => ({ secrets: { PASSWORD: EcsSecret.fromSecretsManagerVersion(secretOf(scope), { versionStage: 'AWSPREVIOUS' }) } })))
    .toContain('must have the complete ARN of the secret');
});

test.each(PARTIAL)('the whole secret imported %s is accepted', (_, secretOf) => {
  expect(told(scope => ({ secrets: { PASSWORD: EcsSecret.fromSecretsManager(secretOf(scope)) } }))).toBe('accepted');
});

test.each(LIKE_COMPLETE)('a field of a secret imported %s is rejected although its name ends like a complete ARN', (_, secretOf) => {
  expect(told(scope => ({ secrets: { PASSWORD: EcsSecret.fromSecretsManager(secretOf(scope), 'password') } }))).toContain('must have the complete ARN');
});

test.each(COMPLETE)('a field of a secret %s is accepted', (_, secretOf) => {
  expect(told(scope => ({ secrets: { PASSWORD: EcsSecret.fromSecretsManager(secretOf(scope), 'password') } }))).toBe('accepted');
});

test('a parameter is accepted by name', () => {
  expect(told(scope => ({
    secrets: { PASSWORD: EcsSecret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(scope, 'P', { parameterName: '/db/password' })) },
  }))).toBe('accepted');
});

test('a field of a secret that a log driver uses is checked too', () => {
  const driver = (secret: ISecret): ContainerLogging => ContainerLogging.to(new FireLensLogDriver({
    options: { Name: 'datadog' }, secretOptions: { apikey: EcsSecret.fromSecretsManager(secret, 'key') },
  }));
  expect(told(scope => ({ logging: driver(Secret.fromSecretNameV2(scope, 'Secret', 'db')) }))).toContain("'containers.web.logging' must have the complete ARN");
});
