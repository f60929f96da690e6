import * as fs from 'fs';
import * as path from 'path';
import { App, Aspects, CfnResource, Duration, NestedStack, RemovalPolicy, Stack, StackProps, Stage, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import {
  DirectPushSynthesizer, DirectPushSynthesizerProps, FargateService, ImageEncryption, ImageRepository, ImageRepositoryProps, ImageRoute, ImageSource,
  LifecycleRule, ScanGate, Severity,
} from '../../src';
import { secondCopy } from '../helpers/second-copy';
import { APP, imageOfTask, newCluster } from '../helpers/stack';

// Stack names and repository IDs that are hard to distinguish in lower case.
const SIMILAR_NAMES: { readonly stackName: string; readonly ids: string[] }[] = [
  { stackName: 'web', ids: ['a', 'A', 'a-b', 'a_b', 'a.b', 'a b', 'aB'] },
  { stackName: 'Web', ids: ['a', 'A'] },
  { stackName: 'web-a', ids: ['b', '-b', '--', 'ü', '你好', '0'] },
  { stackName: `w${'-x'.repeat(63)}`, ids: ['a', 'x'.repeat(240), `${'x'.repeat(240)}y`, `${'x'.repeat(99)}-y`] },
];

const IRELAND = { account: '111122223333', region: 'eu-west-1' };
const VIRGINIA = { account: '111122223333', region: 'us-east-1' };

/** An app with only the synthesizer. */
function newApp(props: DirectPushSynthesizerProps = {}): App {
  return new App({ defaultStackSynthesizer: new DirectPushSynthesizer({ separateRepositories: true, ...props }) });
}

/** A stack that creates its repository, as every program with the copy route does. */
function web({ app = newApp(), repository: props, ...stackProps }: StackProps & { app?: Construct; repository?: ImageRepositoryProps } = {}) {
  const stack = new Stack(app, 'Web', stackProps);
  const repository = new ImageRepository(stack, 'Repository', props);
  return { app: app as App, stack, repository, images: Stack.of(repository) };
}

function runs(stack: Stack, repository: ImageRepository) {
  const image = repository.buildAndPushImage(APP);
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 8080 } } });
  return image;
}

const repositoryOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository')).map(({ Properties }) => Properties);

describe('a misspelled option of the synthesizer', () => {
  const appWith = (props: object) => new App({ defaultStackSynthesizer: new DirectPushSynthesizer(props) });

  test('is reported by a warning on the stack', () => {
    const { stack } = web({ app: appWith({ seperateRepositories: true }) });
    Annotations.fromStack(stack).hasWarning('/Web', Match.stringLikeRegexp("'seperateRepositories' is not a property. Did you mean 'separateRepositories'"));
  });

  test.each(['separaterepositories', 'separateRepository'])('fails synthesis if the meaning is clear: %s', name => {
    expect(() => web({ app: appWith({ [name]: true }) })).toThrow(new RegExp(`^Web: '${name}' must be .+ Write separateRepositories\\.$`));
  });

  test('is not a property of aws-cdk', () => {
    const { stack } = web({ app: appWith({ qualifier: 'team1', separateRepositories: true }) });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });
});

describe('a program of one stack that sets separateRepositories', () => {
  test('pushes directly: the repository is in a stack of its own, and nothing else changes', () => {
    const { app, stack, repository, images } = web();
    const image = runs(stack, repository);

    expect([image.route, image.routeReason]).toEqual([ImageRoute.DIRECT, 'the CDK CLI can push into the repository']);
    const template = Template.fromStack(stack);
    expect(imageOfTask(template)).toMatch(new RegExp(`/${repository.repositoryName}:live-app\\.[0-9a-f]{8}\\.pushed-[0-9a-f]{20}$`));
    ['AWS::ECR::Repository', 'AWS::Lambda::Function', 'Custom::ContainerImageCopy'].forEach(type => template.resourceCountIs(type, 0));
    expect(Object.values(Template.fromStack(images).toJSON().Resources).map(each => (each as CfnResource & { Type: string }).Type)).toEqual(['AWS::ECR::Repository']);
    const { artifacts = {} } = app.synth().manifest;
    expect(artifacts['Web.images.assets'].dependencies).toEqual([images.artifactId]);
    expect(artifacts.Web.dependencies).toEqual(expect.arrayContaining([images.artifactId, 'Web.images.assets']));
  });

  test('has no exports, which would block a later change of one of the stacks', () => {
    const { stack, repository, images } = web();
    const image = runs(stack, repository);
    repository.grantPull(new Role(stack, 'Role', { assumedBy: new AccountRootPrincipal() }));
    new DockerImageFunction(stack, 'Function', { code: image.toLambdaCode() });
    repository.metricPullCount().createAlarm(stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });

    expect(Template.fromStack(images).toJSON().Outputs).toBeUndefined();
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('Fn::ImportValue');
  });

  test('gives the additional stack its name, environment, tags, aspects, qualifier and termination protection', () => {
    const { stack, images } = web({
      app: newApp({ qualifier: 'team' }), stackName: 'shop-web', env: IRELAND, terminationProtection: true, tags: { team: 'shop' },
    });
    const seen: string[] = [];
    Tags.of(stack).add('stage', 'prod');
    Aspects.of(stack).add({ visit: node => { if (node instanceof CfnResource) seen.push(node.cfnResourceType); } });

    const artifact = (stack.node.root as App).synth().getStackArtifact(images.artifactId);
    expect([images.stackName, images.node.path, images.environment]).toEqual(['shop-web-images', 'Web/images', 'aws://111122223333/eu-west-1']);
    expect(artifact.tags).toMatchObject({ stage: 'prod', team: 'shop' });
    expect(artifact.terminationProtection).toBe(true);
    expect(artifact.assumeRoleArn).toContain('/cdk-team-deploy-role-');
    expect(seen).toContain('AWS::ECR::Repository');
  });

  test('can use every property and method of the repository', () => {
    const { stack, repository, images } = web({ repository: { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true, repositoryName: 'team/web' } });
    repository.addLifecycleRule(LifecycleRule.expireUntagged({ olderThan: Duration.days(7) }));
    repository.allowPullFrom({ accounts: ['444455556666'] });
    repository.onFinding('Findings', { severity: Severity.HIGH, target: new SnsTopic(new Topic(stack, 'Topic')) });
    Tags.of(repository).add('owner', 'shop');

    const image = repository.buildAndPushImage(APP, { scanGate: ScanGate.failOn(Severity.CRITICAL) });
    new DockerImageFunction(stack, 'Function', { code: image.toLambdaCode() });
    Template.fromStack(images).hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Delete',
      Properties: {
        RepositoryName: 'team/web', EmptyOnDelete: true, Tags: [{ Key: 'owner', Value: 'shop' }],
        LifecyclePolicy: { LifecyclePolicyText: Match.stringLikeRegexp('untagged') },
        RepositoryPolicyText: { Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'lambda.amazonaws.com' } })]) },
      },
    });
    const template = Template.fromStack(stack);
    ['Custom::ImageScanGate', 'AWS::Events::Rule'].forEach(type => template.resourceCountIs(type, 1));
  });

  test('can have the repository in a nested stack, and images in it', () => {
    const { stack, images } = web();
    const nested = new NestedStack(stack, 'Nested');
    const inner = new ImageRepository(new Construct(nested, 'Part'), 'Repository');
    runs(nested, inner);

    expect(Stack.of(inner)).toBe(images);
    expect(imageOfTask(Template.fromStack(nested))).toContain(`/${inner.repositoryName}:`);
    expect(repositoryOf(images).map(({ RepositoryName }) => RepositoryName)).toEqual(['web/repository-c228f70d', expect.stringMatching(/^web\/nested-part-repository-/)]);
  });

  test.each<[string, StackProps, StackProps]>([
    ['of the same region', { env: IRELAND }, { env: IRELAND }],
    ['of another region', { env: IRELAND }, { env: VIRGINIA }],
    ['without environment', {}, {}],
  ])('can share the repository with another stack %s', (_, own, others) => {
    const { app, repository, images } = web(own);
    const other = new Stack(app, 'Other', others);
    const image = repository.buildAndPushImage(APP, { scope: other });
    new FargateService(other, 'Service', { cluster: newCluster(other), containers: { web: { image } } });

    expect(image.route).toBe(ImageRoute.DIRECT);
    const assembly = app.synth();
    expect(assembly.manifest.artifacts?.['Other.images.assets'].dependencies).toEqual([images.artifactId]);
    expect(imageOfTask(Template.fromStack(other))).toMatch(/\.dkr\.ecr\.(eu-west-1|\$\{AWS::Region\})\..*\/web\/repository-c228f70d:/);
  });

  test('has one additional stack in each stage', () => {
    const app = newApp();
    const stages = ['Beta', 'Prod'].map(name => web({ app: new Stage(app, name) }));
    stages.forEach(({ stack, repository }) => runs(stack, repository));

    expect(stages.map(({ images }) => images.stackName)).toEqual(['Beta-Web-images', 'Prod-Web-images']);
    expect(new Set(stages.map(({ repository }) => repository.repositoryName)).size).toBe(2);
    expect(() => app.synth()).not.toThrow();
  });

  test('pushes directly in development mode, without exports', () => {
    const app = new App({
      context: { 'cdk-container-delivery:development': 'true' }, defaultStackSynthesizer: new DirectPushSynthesizer({ separateRepositories: true }),
    });
    const { repository, images } = web({ app });
    const routes = [repository.buildAndPushImage(APP), repository.publish('tagged', ImageSource.directory(APP), { tags: ['v1'] })].map(({ route }) => route);

    expect(routes).toEqual([ImageRoute.DIRECT, ImageRoute.DEVELOPMENT]);
    expect(Template.fromStack(images).toJSON().Outputs).toBeUndefined();
  });

  test('can create its constructs with another copy of this package', () => {
    const other = secondCopy();
    const stack = new Stack(newApp(), 'Web');
    const repositories = [new ImageRepository(stack, 'One'), new other.ImageRepository(stack, 'Two')];

    expect(repositories.map(each => each.buildAndPushImage(APP).route)).toEqual([ImageRoute.DIRECT, ImageRoute.DIRECT]);
    expect(new Set(repositories.map(each => Stack.of(each))).size).toBe(1);
  });
});

describe('the name of a separate repository', () => {
  test('never changes between versions, because another name is another repository', () => {
    expect(web().repository.repositoryName).toBe('web/repository-c228f70d');
    expect(web({ app: new Stage(newApp(), 'Prod') }).repository.repositoryName).toBe('prod-web/repository-c185dcda');
    expect(web({ repository: { repositoryName: 'team/web' } }).repository.repositoryName).toBe('team/web');
  });

  test('is valid for ECR, and is different for every stack and path', () => {
    const names = SIMILAR_NAMES.flatMap(({ stackName, ids }) => {
      const stack = new Stack(newApp(), 'Web', { stackName });
      return ids.map(id => new ImageRepository(stack, id).repositoryName);
    });

    names.forEach(name => expect(name).toMatch(/^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/));
    expect(new Set(names).size).toBe(names.length);
  });

  test('is not derived from a token: the repository stays in its stack', () => {
    const stack = new Stack(newApp(), 'Web');
    const repository = new ImageRepository(stack, 'Repository', { repositoryName: Stack.of(stack).stackId });

    expect(Stack.of(repository)).toBe(stack);
    expect(repository.buildAndPushImage(APP).route).toBe(ImageRoute.COPY);
  });

  test('works for a stack with the longest name', () => {
    const { images } = web({ stackName: 'W'.repeat(128) });
    expect(images.stackName).toMatch(/^W{112}-[0-9a-f]{8}-images$/);
  });
});

describe('an existing app that sets separateRepositories', () => {
  /** The templates of the app, with images that are copied. */
  function templates(separateRepositories: boolean) {
    const { stack, repository, images } = web({ app: newApp({ separateRepositories }), repository: { repositoryName: 'team/web' } });
    const image = repository.buildAndPushImage(APP, { route: ImageRoute.COPY, scanGate: ScanGate.failOn(Severity.CRITICAL) });
    repository.buildAndPushImage(APP, { route: ImageRoute.COPY, scope: stack, target: 'other' });
    new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } } });
    return { stack: Template.fromStack(stack).toJSON(), images: Template.fromStack(images).toJSON() };
  }

  const ARN = 'arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/team/web';

  /** The value of a part of a template, as CloudFormation compares it. Tokens become texts such as `${Name}`. */
  function valueOf(part: unknown): unknown {
    if (Array.isArray(part)) return part.map(valueOf);
    if (part === null || typeof part !== 'object') return part;
    const [[name, argument]] = Object.entries(part).concat([['', undefined]]);
    const value = valueOf(argument);
    switch (name) {
      case 'Ref': return argument === 'Repository3A24F169' ? 'team/web' : `\${${argument}}`;
      case 'Fn::GetAtt': return argument.join('.') === 'Repository3A24F169.Arn' ? ARN : `\${${argument.join('.')}}`;
      case 'Fn::Join': return (value as [string, unknown[]])[1].join((value as [string])[0]);
      // The separator is not in a name such as `${AWS::Region}`.
      case 'Fn::Split': return String((value as [string, string])[1]).replace(/::/g, '\0').split((value as [string])[0]).map(each => each.replace(/\0/g, '::'));
      case 'Fn::Select': return (value as [number, string[]])[1][Number((value as [string])[0])];
      default: return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, valueOf(each)]));
    }
  }

  test('keeps every logical ID, so that an import of the repository moves it', () => {
    const [before, after] = [templates(false), templates(true)];

    expect(Object.keys(after.images.Resources)).toEqual(['Repository3A24F169']);
    expect(after.images.Resources.Repository3A24F169).toEqual(before.stack.Resources.Repository3A24F169);
    expect([...Object.keys(after.stack.Resources), 'Repository3A24F169'].sort()).toEqual(Object.keys(before.stack.Resources).sort());
  });

  test('only moves the repository to another stack: no function, tag or task definition changes', () => {
    const { Repository3A24F169: _, ...before } = templates(false).stack.Resources;
    const after = templates(true).stack.Resources;

    expect(valueOf(after)).toEqual(valueOf(before));
    expect(after).not.toEqual(before);
  });
});

describe('an error with a fix is thrown', () => {
  test('if the repository needs a key of its own stack', () => {
    const app = newApp();
    const stack = new Stack(app, 'Web');
    const repository = new ImageRepository(stack, 'Repository', { encryption: ImageEncryption.kms(new Key(stack, 'Key')) });
    expect(() => { repository.buildAndPushImage(APP); app.synth(); }).toThrow(
      'Web/images: \'separateRepositories\' must not be set if a repository refers to a resource of its own stack, because it is deployed before that stack, '
      + 'got "Web/images -> Web/Key/Resource.Arn". Create the resource, such as a KMS key or a role in the repository policy, in another stack.',
    );
  });

  test('but not if the key is in another stack', () => {
    const app = newApp();
    const key = new Key(new Stack(app, 'Keys'), 'Key');
    web({ app, repository: { encryption: ImageEncryption.kms(key) } });
    expect(() => app.synth()).not.toThrow();
  });

  test('if the stack has a construct with the ID of the additional stack', () => {
    const stack = new Stack(newApp(), 'Web');
    new Repository(stack, 'images');
    expect(() => new ImageRepository(stack, 'Repository')).toThrow(
      'Web/images: \'id\' must not be \'images\' in a stack with separateRepositories, which creates a stack with this ID, got "images". Use another ID.',
    );
  });

  test('if separateRepositories is not a boolean', () => {
    const stack = new Stack(newApp({ separateRepositories: 'yes' as unknown as boolean }), 'Web');
    expect(() => new ImageRepository(stack, 'Repository')).toThrow("Web: 'separateRepositories' must be true or false, got \"yes\".");
  });

  test('if the same ID is used twice, as usual in CDK', () => {
    const { stack } = web();
    expect(() => new ImageRepository(stack, 'Repository')).toThrow(/There is already a Construct with name 'Repository' in Stack\d? \[Web\]/);
  });
});

test('the files of a cloud assembly are the same each time', () => {
  const manifest = () => {
    const { app, stack, repository } = web();
    runs(stack, repository);
    const { directory } = app.synth();
    return ['manifest.json', 'Web.images.json', 'Web.template.json'].map(file => fs.readFileSync(path.join(directory, file), 'utf8'));
  };
  expect(manifest()).toEqual(manifest());
});
