import { pathToFileURL } from 'url';
import { App, Lazy, SecretValue, Stack, Stage } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, Platform, TarballImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ImageSourceDirectoryOptions, ExternalRegistry, ImageRepository, ImageRoute, ImageSource, PublishOptions, PublishToOptions } from '../../src';
import { dockerArchive } from '../helpers/image-archive';
import { APP, newStack } from '../helpers/stack';
import { messageOf, toldIn as told, wrong } from '../helpers/wrong-input';

const TARBALL = dockerArchive();
const DIGEST = `sha256:${'a'.repeat(64)}`;

let stack: Stack;
let repository: ImageRepository;
let published: number;
beforeEach(() => {
  published = 0;
  stack = newStack();
  repository = new ImageRepository(stack, 'Repository');
});

const publish = (source: () => ImageSource, options?: PublishOptions) => messageOf(() => repository.publish(`web${published++}`, source(), options));
const from = (name: string) => Repository.fromRepositoryName(stack, 'Stage', name);
const asset = () => new DockerImageAsset(stack, 'Asset', { directory: APP });
const secret = () => Secret.fromSecretNameV2(stack, 'Secret', 'ghcr');

describe('wrong types from JavaScript are reported with path, property, rule, value and fix, never with a TypeError:', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined], ['null', null], ['a number', 1], ['an object', {}], ['a list', [APP]], ['a URL', pathToFileURL(APP)],
  ])('%s as a directory, or as a tarball', (_, value) => {
    expect(publish(() => ImageSource.directory(wrong(value)))).toMatch(told('directory'));
    expect(messageOf(() => repository.buildAndPushImage(wrong(value)))).toMatch(told('directory'));
    expect(publish(() => ImageSource.tarball(wrong(value)))).toMatch(told('tarballFile'));
  });

  test.each([pathToFileURL(TARBALL), Buffer.from(TARBALL)])('a tarball path that only Node.js would find', file => {
    expect(publish(() => ImageSource.tarball(wrong(file)))).toMatch(told('tarballFile'));
  });

  test.each<[string, object]>([
    ['file', { file: 1 }], ['file', { file: {} }], ['file', { file: null }], ['file', { file: '' }], ['target', { target: {} }], ['target', { target: 1 }],
    ['exclude', { exclude: 'node_modules' }], ['exclude', { exclude: 1 }], ['exclude', { exclude: [1] }],
    ['platform', { platform: 'linux/arm64' }], ['platform', { platform: null }], ['platform', { platform: {} }],
    ['platform', { platform: Platform }],
    ['platforms', { platforms: null }], ['platforms', { platforms: 'linux/amd64' }], ['platforms', { platforms: {} }],
    ['platforms', { platforms: ['linux/amd64', 'linux/arm64'] }], ['platforms', { platforms: [Platform.LINUX_AMD64, undefined] }],
    ['platforms', { platforms: new Array(2) }], ['platform', { platform: null, platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }],
  ])('a wrong %s: %j', (property, options) => {
    expect(publish(() => ImageSource.directory(APP, options as ImageSourceDirectoryOptions))).toMatch(told(property));
    expect(messageOf(() => repository.buildAndPushImage(APP, options as ImageSourceDirectoryOptions))).toMatch(told(property));
  });

  test('a platform in Docker notation, which CDK would ignore silently', () => {
    expect(messageOf(() => repository.buildAndPushImage(APP, { platform: wrong('linux/arm64') }))).toBe(
      "Stack/Repository: 'platform' must be a Platform, got \"linux/arm64\". "
      + "Use Platform.LINUX_ARM64, Platform.LINUX_AMD64 or Platform.custom('linux/s390x').",
    );
  });

  test.each<[string, unknown]>([['null', null], ['a text', 'x'], ['a list', []]])('%s instead of options', (_, value) => {
    expect(publish(() => ImageSource.directory(APP, wrong(value)))).toMatch(told('options'));
    expect(publish(() => ImageSource.registry('nginx', wrong(value)))).toMatch(told('options'));
    expect(publish(() => ImageSource.directory(APP), wrong(value))).toMatch(told('options'));
    expect(messageOf(() => repository.buildAndPushImage(APP, wrong(value)))).toMatch(told('options'));
  });

  test.each<[string, unknown]>([
    ['nothing', undefined], ['a text', 'x'], ['texts', ['a', 'b']], ['a hole', [undefined, ImageSource.directory(APP)]], ['holes', new Array(2)],
    ['factories that were not called', [ImageSource.directory, ImageSource.registry]],
  ])('%s as the images of several platforms', (_, sources) => {
    expect(publish(() => ImageSource.platforms(wrong(sources)))).toMatch(told('platforms'));
  });

  test.each<[string, (twice: ImageSource) => ImageSource[]]>([
    ['one source', twice => [twice, twice]],
    ['one asset', () => { const one = asset(); return [ImageSource.asset(one), ImageSource.asset(one)]; }],
    ['one image of a registry', () => [ImageSource.registry('nginx'), ImageSource.registry('docker.io/library/nginx:latest')]],
  ])('%s for two platforms', (_, sources) => {
    expect(publish(() => ImageSource.platforms(sources(ImageSource.ecr(from('web'), 'v1'))))).toMatch(/^Stack\/.*'platforms' must name each image once, got "the same image twice"\. Replace/);
  });

  test.each<[string, unknown]>([['nothing', undefined], ['a text', 'x'], ['an object', {}], ['the class', DockerImageAsset]])('%s as an asset', (_, value) => {
    expect(publish(() => ImageSource.asset(wrong(value)))).toMatch(told('asset'));
  });

  test.each<[string, unknown]>([['nothing', undefined], ['a name', 'web'], ['an object', {}], ['the class', Repository]])('%s as an ECR repository', (_, value) => {
    expect(publish(() => ImageSource.ecr(wrong(value), 'v1'))).toMatch(told('repository'));
  });

  test.each(['src:v1', 'Src Bad', '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web', `src@${DIGEST}`, 's'])('the imported repository %j, which CDK accepts', name => {
    expect(publish(() => ImageSource.ecr(from(name), 'v1'))).toMatch(told('repositoryName'));
  });

  test.each<[string, () => unknown]>([
    ['null', () => null], ['a text', () => 'x'], ['the app', () => stack.node.root], ['a stage', () => new Stage(stack.node.root as App, 'Stage')],
  ])('%s as a scope', (_, scope) => {
    expect(publish(() => ImageSource.directory(APP), { scope: wrong(scope()) })).toMatch(told('scope'));
  });

  test.each(['DIRECT', 'nonsense', 1, null, ImageRoute])('the route %j', route => {
    expect(publish(() => ImageSource.directory(APP), { route: wrong(route) })).toMatch(told('route'));
  });

  test.each<[string, () => unknown]>([
    ['azure', () => ExternalRegistry.azure(wrong(undefined))], ['oci', () => ExternalRegistry.oci(wrong(null))],
    ['googleArtifactRegistry', () => ExternalRegistry.googleArtifactRegistry(wrong(undefined))],
    ['azure without credentials', () => ExternalRegistry.azure(wrong({ loginServer: 'team.azurecr.io' }))],
  ])('a registry of %s without required properties', (_, registry) => {
    const image = repository.buildAndPushImage(APP);
    expect(messageOf(() => image.publishTo(wrong(registry()), { name: 'web' }))).toMatch(/^Stack[\w/]*: 'registry(\.credentials)?' must be /);
  });

  test('a registry without a host, and a target without a repository', () => {
    const image = repository.buildAndPushImage(APP);
    const credentials = secret();
    expect(messageOf(() => image.publishTo(ExternalRegistry.oci(wrong({ credentials })), { name: 'web' }))).toMatch(told('registry.host'));
    for (const options of [undefined, null, 'web']) {
      expect(messageOf(() => image.publishTo(ExternalRegistry.oci({ host: 'r.example.com', credentials }), wrong<PublishToOptions>(options)))).toMatch(told('options'));
    }
    for (const registry of [undefined, null, {}, ExternalRegistry, ExternalRegistry.azure]) {
      expect(messageOf(() => image.publishTo(wrong(registry), { name: 'web' }))).toMatch(told('registry'));
    }
  });
});

describe('the configuration of your own image source is checked:', () => {
  const answering = (config: unknown) => publish(() => wrong({ bind: () => config, _whyNotPushed: 'its own' }));

  test.each([
    'user:hunter2@a.b/c:d', 'https://a.b/c:d', 'a.b/C:d', 'a.b/c@sha256:zz', `a.b/c:d@sha512:${'a'.repeat(64)}`, 'a.b/c', 'nginx:1.27', '', 1, undefined, null,
  ])('the reference %j is rejected', reference => {
    expect(answering({ reference })).toMatch(told('source.reference'));
    expect(answering({ reference: 'a.b/c:d', furtherPlatforms: [reference] })).toMatch(/^Stack[\w/]*: 'source\.(reference|furtherPlatforms\[0\])' must be /);
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'source'], ['null', null, 'source'], ['a text', 'a.b/c:d', 'source'],
    ['no list of further platforms', { reference: 'a.b/c:d', furtherPlatforms: null }, 'source.furtherPlatforms'],
    ['a text instead of further platforms', { reference: 'a.b/c:d', furtherPlatforms: 'x' }, 'source.furtherPlatforms'],
    ['a text instead of platforms', { reference: 'a.b/c:d', platforms: 'x' }, 'source.platforms'],
    ['no secret', { reference: 'a.b/c:d', credentials: {} }, 'source.credentials'],
    ['no host for tokens', { reference: 'a.b/c:d', tokenHost: 'https://a.b' }, 'tokenHost'],
  ])('a configuration with %s is rejected', (_, config, property) => {
    expect(answering(config)).toMatch(told(property));
    expect(publish(() => ImageSource.platforms([wrong({ bind: () => config }), ImageSource.directory(APP)]))).toMatch(told(property));
  });

  test.each(['a.b/c:d', 'a.b:5000/c/d:V1', `a.b/c@${DIGEST}`, `a.b/c:d@${DIGEST}`, Lazy.string({ produce: () => 'a.b/c:d' }), `a.b/c:${Lazy.string({ produce: () => 'd' })}`])(
    'but not the reference %j', reference => {
      expect(answering({ reference })).toBe('accepted');
    },
  );
});

describe('no password is shown in a message:', () => {
  const PASSWORDS: [string, unknown][] = [
    ['user and password', { username: 'bot', password: 'hunter2' }], ['a secret value', SecretValue.unsafePlainText('hunter2')], ['a text', 'hunter2'],
    ['a list', ['hunter2']], ['a function', () => 'hunter2'], ['null', null],
  ];

  test.each(PASSWORDS)('%s instead of a secret', (_, value) => {
    const credentials = wrong<ISecret>(value);
    const image = repository.buildAndPushImage(APP);
    const messages = [
      publish(() => ImageSource.registry('ghcr.io/team/web:v1', { credentials })),
      messageOf(() => image.publishTo(ExternalRegistry.azure({ loginServer: 'team.azurecr.io', credentials }), { name: 'web' })),
    ];
    for (const message of messages) {
      expect(message).toMatch(/^Stack[\w/]*: '(registry\.)?credentials' must be a secret of Secrets Manager, got /);
      expect(message).toContain('secretsmanager.Secret.fromSecretNameV2(…)');
      expect(message).not.toContain('hunter2');
    }
  });

  test('an address with a password, in any property', () => {
    const image = repository.buildAndPushImage(APP);
    const credentials = secret();
    const messages = [
      publish(() => ImageSource.registry('bot:hunter2@ghcr.io/team/web:v1')),
      publish(() => ImageSource.directory('https://bot:hunter2@example.com/web.git')),
      publish(() => ImageSource.directory(APP, { file: 'https://bot:hunter2@example.com/Dockerfile' })),
      publish(() => ImageSource.registry(`bot:hunter2@ghcr.io/Team/web@${DIGEST}`)),
      publish(() => ImageSource.registry('ghcr.io/team/web:v1', { credentials, tokenHost: 'bot:hun@ter2@ghcr.io' })),
      publish(() => ImageSource.directory(APP), { tags: wrong([`bot:hunter2@${DIGEST}@a.b`]) }),
      messageOf(() => image.publishTo(ExternalRegistry.oci({ host: 'bot:hunter2@ghcr.io', credentials }), { name: 'web' })),
    ];
    for (const message of messages) {
      expect(message).toMatch(/ got \[?"\*\*\*@/);
      expect(message).not.toMatch(/hun@?ter2|bot/);
    }
    expect(messages[0]).toContain('got "***@ghcr.io/team/web:v1".');
    expect(messages[3]).toContain(`got "***@ghcr.io/Team/web@${DIGEST}".`);
  });

  test('an object instead of another type: only its keys are shown', () => {
    expect(publish(() => wrong({ reference: 'ghcr.io/team/web:v1', credentials: { username: 'bot', password: 'hunter2' } })))
      .toContain("'source' must be an ImageSource, got {reference, credentials}. ");
    expect(publish(() => ImageSource.directory(APP), { tags: wrong({ password: 'hunter2' }) })).toContain("'tags' must be a list, got {password}. ");
    expect(publish(() => ImageSource.directory(APP), { tags: wrong([{ password: 'hunter2' }]) })).toContain('got {password}. ');
    expect(publish(() => wrong([['hunter2'], { password: 'hunter2' }, 1n, Object.create(Object.create(null)), null])))
      .toContain('got [a list,{password},1,an object of class undefined,null]. ');
  });
});

describe('valid values are accepted:', () => {
  test.each<[string, () => ImageSource]>([
    ['an asset', () => ImageSource.asset(asset())],
    ['an asset of a tarball', () => ImageSource.asset(wrong(new TarballImageAsset(stack, 'Asset', { tarballFile: TARBALL })))],
    ['a repository whose name is a token', () => ImageSource.ecr(from(Lazy.string({ produce: () => 'web' })), 'v1')],
    ['a repository of the same stack', () => ImageSource.ecr(new Repository(stack, 'Other'), 'v1')],
    ['a secret', () => ImageSource.registry('ghcr.io/team/web:v1', { credentials: secret() })],
    ['a platform of your own', () => ImageSource.directory(APP, { platform: Platform.custom('linux/s390x'), file: 'Dockerfile', target: 'web' })],
    ['two tags of one repository', () => { const stage = from('web'); return ImageSource.platforms([ImageSource.ecr(stage, 'a'), ImageSource.ecr(stage, 'b')]); }],
  ])('%s', (_, source) => {
    expect(publish(source, { scope: new Stack(stack.node.root as App, 'User'), route: ImageRoute.COPY })).toBe('accepted');
  });
});
