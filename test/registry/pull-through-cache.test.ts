import { App, Aws, Stack } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FargateService, PullThroughCache, RegistrySettings } from '../../src';
import { flatten, newCluster, newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const EUROPE = { account: '111122223333', region: 'eu-west-1' };
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/hub-AbCdEf';

/** Settings with these caches, and their resources in the template. */
function withCaches(make: (credentials: ISecret) => PullThroughCache[], env?: typeof EUROPE) {
  const stack = newStack({ env });
  const credentials = Secret.fromSecretCompleteArn(stack, 'Credentials', ARN);
  const settings = new RegistrySettings(stack, 'Settings', { pullThroughCaches: make(credentials) });
  const rules = () => Object.values(Template.fromStack(stack).findResources('AWS::ECR::PullThroughCacheRule')).map(({ Properties }) => Properties);
  return { stack, settings, rules };
}

test('images of every registry that ECR supports can be cached, each under its own prefix', () => {
  const { rules } = withCaches(credentials => [
    PullThroughCache.dockerHub({ credentials }), PullThroughCache.ecrPublic(), PullThroughCache.gitHub({ credentials }),
    PullThroughCache.gitLab({ credentials }), PullThroughCache.quay(), PullThroughCache.kubernetes(),
    PullThroughCache.azure({ credentials, loginServer: 'team.azurecr.io' }),
  ]);
  const rule = (EcrRepositoryPrefix: string, UpstreamRegistry: string, UpstreamRegistryUrl: string, CredentialArn?: string) => (
    { EcrRepositoryPrefix, UpstreamRegistry, UpstreamRegistryUrl, ...CredentialArn && { CredentialArn } }
  );

  expect(rules()).toEqual([
    rule('docker-hub', 'docker-hub', 'registry-1.docker.io', ARN),
    rule('ecr-public', 'ecr-public', 'public.ecr.aws'),
    rule('github', 'github-container-registry', 'ghcr.io', ARN),
    rule('gitlab', 'gitlab-container-registry', 'registry.gitlab.com', ARN),
    rule('quay', 'quay', 'quay.io'),
    rule('kubernetes', 'k8s', 'registry.k8s.io'),
    rule('azure', 'azure-container-registry', 'team.azurecr.io', ARN),
  ]);
});

test('two registries of the same type have different prefixes, with any prefix names', () => {
  const { rules } = withCaches(credentials => ['a/b', 'a--b', 'a.b', 'ROOT'].map(prefix => PullThroughCache.azure({
    credentials, loginServer: 'team.azurecr.io', prefix,
  })));
  expect(rules().map(each => each.EcrRepositoryPrefix)).toEqual(['a/b', 'a--b', 'a.b', 'ROOT']);
});

test('another ECR registry can be cached, in another account with a role', () => {
  const stack = newStack({ env: EUROPE });
  const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/cache');
  new RegistrySettings(stack, 'Settings', {
    pullThroughCaches: [
      PullThroughCache.ecr({ region: 'us-east-1' }),
      PullThroughCache.ecr({ account: '444455556666', region: 'eu-west-1', role, prefix: 'company', upstreamPrefix: 'prod' }),
    ],
  });
  const [own, other] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::PullThroughCacheRule')).map(({ Properties }) => Properties);

  expect(own).toMatchObject({ EcrRepositoryPrefix: 'ecr', UpstreamRegistry: 'ecr' });
  expect(flatten(own.UpstreamRegistryUrl)).toBe('111122223333.dkr.ecr.us-east-1.${AWS::URLSuffix}');
  expect(other).toMatchObject({
    EcrRepositoryPrefix: 'company', UpstreamRepositoryPrefix: 'prod', CustomRoleArn: 'arn:aws:iam::111122223333:role/cache',
  });
  expect(flatten(other.UpstreamRegistryUrl)).toBe('444455556666.dkr.ecr.eu-west-1.${AWS::URLSuffix}');
});

test('a secret of the app gets a name with the prefix that ECR requires', () => {
  const stack = newStack();
  const credentials = new Secret(stack, 'Hub', { secretName: 'ecr-pullthroughcache/hub' });
  new RegistrySettings(stack, 'Settings', { pullThroughCaches: [PullThroughCache.dockerHub({ credentials })] });

  const template = Template.fromStack(stack);
  const [Ref] = Object.keys(template.findResources('AWS::SecretsManager::Secret', { Properties: { Name: 'ecr-pullthroughcache/hub' } }));
  template.hasResourceProperties('AWS::ECR::PullThroughCacheRule', { CredentialArn: { Ref } });
});

describe('an image in a cache', () => {
  const HOST = '111122223333.dkr.ecr.eu-west-1.${AWS::URLSuffix}';
  const digest = `sha256:${'a'.repeat(64)}`;

  test.each([
    ['docker-hub', 'nginx:1.27', 'docker-hub/library/nginx:1.27'],
    ['docker-hub', 'bitnami/redis', 'docker-hub/bitnami/redis'],
    ['ecr-public', 'nginx/nginx:1.27', 'ecr-public/nginx/nginx:1.27'],
    ['ecr-public', `docker/library/nginx@${digest}`, `ecr-public/docker/library/nginx@${digest}`],
    ['kubernetes', 'pause:3.10', 'kubernetes/pause:3.10'],
    ['ROOT', `team/web:v1@${digest}`, `team/web:v1@${digest}`],
  ])('of %s, %s, has the address …/%s', (prefix, image, path) => {
    const { stack, settings } = withCaches(credentials => [
      PullThroughCache.dockerHub({ credentials }), PullThroughCache.ecrPublic(), PullThroughCache.kubernetes(), PullThroughCache.quay({ prefix: 'ROOT' }),
    ], EUROPE);
    expect(flatten(stack.resolve(settings.cachedImage(prefix, image)))).toBe(`${HOST}/${path}`);
  });

  test('can have a tag that is a token', () => {
    const { stack, settings } = withCaches(() => [PullThroughCache.quay()], EUROPE);
    expect(flatten(stack.resolve(settings.cachedImage('quay', `team/web:${Aws.STACK_NAME}`)))).toBe(`${HOST}/quay/team/web:\${AWS::StackName}`);
  });

  test('can be pulled by every grantee, also for the first time', () => {
    const { stack, settings } = withCaches(() => [PullThroughCache.quay(), PullThroughCache.ecrPublic()], EUROPE);
    settings.grantCachedPull(new Role(stack, 'Tasks', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }), 'quay');

    const [{ Properties: { PolicyDocument: { Statement: statements } } }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(statements).toEqual([
      { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      {
        Effect: 'Allow',
        Action: [
          'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository',
        ],
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecr:eu-west-1:111122223333:repository/quay/*']] },
      },
    ]);
  });

  test.each([
    ['docker-hub', 'nginx', 'docker-hub/library/nginx'], ['docker-hub', 'bitnami/redis', 'docker-hub/bitnami/redis'],
    ['quay', 'team/web', 'quay/team/web'], ['ROOT', 'team/web', 'team/web'],
  ])('of %s can be granted from one repository only: %s', (prefix, repository, name) => {
    const { stack, settings } = withCaches(credentials => [
      PullThroughCache.dockerHub({ credentials }), PullThroughCache.quay(), PullThroughCache.ecrPublic({ prefix: 'ROOT' }),
    ], EUROPE);
    settings.grantCachedPull(new Role(stack, 'Tasks', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }), prefix, repository);

    const [{ Properties: { PolicyDocument: { Statement: [, { Resource }] } } }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(flatten(Resource)).toBe(`arn:\${AWS::Partition}:ecr:eu-west-1:111122223333:repository/${name}`);
  });

  test.each<[string, string | undefined, string]>([
    ['ROOT', undefined, "'repository' must be given if the prefix is ROOT, because it would be every repository of the registry, got undefined."],
    ['quay', '*', "'repository' must be the name of a repository without its registry, got \"*\"."],
    ['quay', 'web:v1', "'repository' must be the name of a repository without its registry, got \"web:v1\"."],
  ])('of %s cannot be granted for the repository %s', (prefix, repository, message) => {
    const { stack, settings } = withCaches(() => [PullThroughCache.quay(), PullThroughCache.ecrPublic({ prefix: 'ROOT' })]);
    const role = new Role(stack, 'Tasks', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    expect(messageOf(() => settings.grantCachedPull(role, prefix, repository))).toContain(`Stack/Settings: ${message}`);
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toEqual([]);
  });

  test('of Docker Hub cannot be named by a token, because official images are under library/', () => {
    const { settings } = withCaches(credentials => [PullThroughCache.dockerHub({ credentials })]);
    expect(messageOf(() => settings.cachedImage('docker-hub', Aws.STACK_NAME))).toContain("'image' must be known at synthesis, because the official images of Docker Hub are in library/");
  });

  test.each<[string, string, string]>([
    ['docker-hub', 'nginx', "'prefix' must be one of quay, ecr-public, got \"docker-hub\". Add the cache to pullThroughCaches."],
    ['quay', 'https://quay.io/team/web', "'image' must be an image without its registry, got \"https://quay.io/team/web\"."],
    ['quay', 'quay.io/team/web:v1', "'image' must be an image without its registry, got \"quay.io/team/web:v1\". Leave out \"quay.io/\". The cache knows its registry."],
    ['quay', '111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web:1', '\'image\' must be an image without its registry, got "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/web:1". Leave out "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/".'],
    ['quay', '111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu/web:1', '\'image\' must be an image without its registry, got "111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu/web:1". Leave out "111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu/".'],
    ['quay', 'team.azurecr.cn/web:1', '\'image\' must be an image without its registry, got "team.azurecr.cn/web:1". Leave out "team.azurecr.cn/".'],
    ['ecr-public', 'public.ecr.aws/nginx/nginx:1', "'image' must be an image without its registry"],
    ['quay', 'Team/Web', "'image' must be an image without its registry, got \"Team/Web\"."],
    ['quay', 'web@sha256:abc', "'image' must be an image without its registry, got"],
  ])('of %s, %s, is rejected', (prefix, image, message) => {
    const { settings } = withCaches(() => [PullThroughCache.quay(), PullThroughCache.ecrPublic()]);
    expect(messageOf(() => settings.cachedImage(prefix, image))).toContain(`Stack/Settings: ${message}`);
  });

  test('is rejected if nothing is cached', () => {
    expect(messageOf(() => new RegistrySettings(newStack(), 'Settings').cachedImage('quay', 'web'))).toBe(
      "Stack/Settings: 'pullThroughCaches' must be among the settings, got undefined. Write pullThroughCaches: [PullThroughCache.ecrPublic()].",
    );
  });
});

describe('A service that pulls through a cache', () => {
  /** The types of the resources that the service waits for, directly or indirectly. */
  function waitsFor(stack: Stack): string[] {
    const { Resources } = Template.fromStack(stack).toJSON() as { Resources: { [id: string]: { Type: string; DependsOn?: string[] } } };
    const ids = Object.keys(Resources).filter(id => Resources[id].Type === 'AWS::ECS::Service');
    for (const id of ids) ids.push(...(Resources[id].DependsOn ?? []).filter(each => !ids.includes(each)));
    return ids.map(id => Resources[id].Type);
  }

  const served = (stack: Stack, settings: RegistrySettings, executionRole?: IRole) => {
    const image = ContainerImage.fromRegistry(settings.cachedImage('quay', 'team/web:v1'));
    const service = new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } }, executionRole });
    settings.grantCachedPull(service.taskDefinition.obtainExecutionRole(), 'quay');
  };

  test('waits for the cache of its stack', () => {
    const { stack, settings } = withCaches(() => [PullThroughCache.quay()]);
    served(stack, settings);
    expect(waitsFor(stack)).toContain('AWS::ECR::PullThroughCacheRule');
  });

  test('waits for the cache with an imported execution role too', () => {
    const { stack, settings } = withCaches(() => [PullThroughCache.quay()]);
    served(stack, settings, Role.fromRoleArn(stack, 'Execution', 'arn:aws:iam::111122223333:role/execution'));
    expect(waitsFor(stack)).toContain('AWS::ECR::PullThroughCacheRule');
  });

  test('does not make its stack depend on the stack of the settings', () => {
    const app = new App();
    const [registry, stack] = ['Registry', 'Stack'].map(id => new Stack(app, id));
    served(stack, new RegistrySettings(registry, 'Settings', { pullThroughCaches: [PullThroughCache.quay()] }));
    expect(waitsFor(stack)).not.toContain('AWS::ECR::PullThroughCacheRule');
    expect(stack.dependencies).toEqual([]);
  });
});
