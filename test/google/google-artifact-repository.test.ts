import { App, Aws, CfnOutput, CfnParameter, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  ExternalRegistry, GoogleArtifactRepository, GoogleArtifactRepositoryProps, GoogleCleanupPolicy, GoogleIdentity, GoogleTagState, ImageRepository,
} from '../../src';
import { GOOGLE_IDENTITY, GOOGLE_IDENTITY_TEXT } from '../helpers/google-cloud';
import { APP, flatten, Match, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const identity = GoogleIdentity.federated(GOOGLE_IDENTITY);
const PROPS: GoogleArtifactRepositoryProps = { identity, project: 'my-project', location: 'europe-west1', repositoryId: 'images' };
const TYPE = 'Custom::GoogleArtifactRepository';

function repository(props: object = {}): Template {
  const stack = newStack();
  new GoogleArtifactRepository(stack, 'Google', { ...PROPS, ...props });
  return Template.fromStack(stack);
}
const rejected = (props: object) => messageOf(() => new GoogleArtifactRepository(newStack(), 'Google', { ...PROPS, ...props }));

describe('a Google repository', () => {
  test('is a custom resource, whose function gets one identity and can request a token for it, describe its stack and continue', () => {
    const template = repository();

    template.hasResourceProperties(TYPE, {
      SchemaVersion: '1', Identity: GOOGLE_IDENTITY_TEXT, Project: 'my-project', Location: 'europe-west1', RepositoryId: 'images', OnRemoval: Match.absent(),
      ImmutableTags: Match.absent(), Labels: Match.absent(), CleanupPolicies: Match.absent(), ServiceTimeout: '3600',
    });
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { CLOUD_IDENTITY: GOOGLE_IDENTITY_TEXT } } });
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    expect(statements.map(({ Action }) => Action)).toEqual(expect.arrayContaining([
      ['logs:CreateLogStream', 'logs:PutLogEvents'], 'sts:GetWebIdentityToken', 'cloudformation:DescribeStacks', 'lambda:InvokeFunction',
    ]));
    expect(statements).toHaveLength(4);
  });

  test('has all settings in the form of the API', () => {
    const template = repository({
      immutableTags: true, description: 'images of the shop', labels: { team: 'shop' }, adoptExisting: true, removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true,
      cleanupDryRun: true,
      cleanupPolicies: {
        old: GoogleCleanupPolicy.deleteVersions({ olderThan: Duration.days(30), tagState: GoogleTagState.UNTAGGED }),
        deployed: GoogleCleanupPolicy.keepVersions({ tagPrefixes: ['live-'], packageNamePrefixes: ['web'] }),
        newest: GoogleCleanupPolicy.keepMostRecent({ keepCount: 10 }),
      },
    });

    const [{ Properties }] = Object.values(template.findResources(TYPE));
    expect(Properties).toMatchObject({
      ImmutableTags: 'true', Description: 'images of the shop', Labels: { team: 'shop' }, AdoptExisting: 'true', OnRemoval: 'Delete', EmptyOnDelete: 'true', CleanupDryRun: 'true',
    });
    expect(JSON.parse(Properties.CleanupPolicies)).toEqual({
      deployed: { id: 'deployed', action: 'KEEP', condition: { tagState: 'TAGGED', tagPrefixes: ['live-'], packageNamePrefixes: ['web'] } },
      newest: { id: 'newest', action: 'KEEP', mostRecentVersions: { keepCount: 10 } },
      old: { id: 'old', action: 'DELETE', condition: { tagState: 'UNTAGGED', olderThan: '2592000s' } },
    });
  });

  test('has an address and a name as tokens', () => {
    const stack = newStack();
    const google = new GoogleArtifactRepository(stack, 'Google', PROPS);
    new CfnOutput(stack, 'Uri', { value: google.repositoryUri });

    expect(stack.resolve([google.repositoryUri, google.repositoryName])).toEqual([
      { 'Fn::GetAtt': [expect.stringMatching('^Google'), 'RegistryUri'] }, { 'Fn::GetAtt': [expect.stringMatching('^Google'), 'Name'] },
    ]);
  });

  test('has the same template in any order of maps', () => {
    const policy = GoogleCleanupPolicy.keepMostRecent({ keepCount: 1 });
    expect(repository({ labels: { a: '1', b: '2' }, cleanupPolicies: { a: policy, b: policy } }).toJSON())
      .toEqual(repository({ labels: { b: '2', a: '1' }, cleanupPolicies: { b: policy, a: policy } }).toJSON());
  });
});

describe('an image is published to it', () => {
  test('after it exists, with its identity', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const google = new GoogleArtifactRepository(stack, 'Google', PROPS);
    const address = image.publishTo(google, { name: 'myapp', tags: ['v1.0.0'] });

    const template = Template.fromStack(stack);
    const [created] = Object.keys(template.findResources(TYPE));
    template.hasResource('Custom::ContainerImageCopy', {
      DependsOn: Match.arrayWith([created]),
      Properties: { Destination: 'europe-west1-docker.pkg.dev/my-project/images/myapp', DestinationIdentity: GOOGLE_IDENTITY_TEXT, Tags: ['v1.0.0'] },
    });
    expect(flatten(stack.resolve(address))).toMatch(/^europe-west1-docker\.pkg\.dev\/my-project\/images\/myapp@sha256:/);
  });

  test('of another stack, which is deployed first', () => {
    const app = new App();
    const [shop, base] = ['Shop', 'Base'].map(id => new Stack(app, id));
    const google = new GoogleArtifactRepository(base, 'Google', PROPS);
    new ImageRepository(shop, 'Repository').buildAndPushImage(APP).publishTo(google, { name: 'web' });

    app.synth();
    expect(shop.dependencies).toEqual([base]);
  });

  test('as if the app did not create the repository', () => {
    const published = (registry: (stack: Stack) => Parameters<ReturnType<ImageRepository['buildAndPushImage']>['publishTo']>[0]) => {
      const stack = newStack();
      new ImageRepository(stack, 'Repository').buildAndPushImage(APP).publishTo(registry(stack), { name: 'web' });
      return Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageCopy')).map(({ Properties }) => Properties).find(({ DestinationIdentity }) => DestinationIdentity);
    };

    expect(published(stack => new GoogleArtifactRepository(stack, 'Google', PROPS)))
      .toEqual(published(() => ExternalRegistry.googleArtifactRegistry({ location: 'europe-west1', project: 'my-project', repository: 'images', identity })));
  });

  test('of a domain-scoped project', () => {
    const stack = newStack();
    const google = new GoogleArtifactRepository(stack, 'Google', { ...PROPS, project: 'example.com:my-project' });
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);

    expect(image.publishTo(google, { name: 'web' })).toMatch(/^europe-west1-docker\.pkg\.dev\/example\.com\/my-project\/images\/web@/);
  });

  test('unless its address is a token', () => {
    const stack = newStack();
    const google = new GoogleArtifactRepository(stack, 'Google', { ...PROPS, project: Aws.STACK_NAME });
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);

    expect(messageOf(() => image.publishTo(google, { name: 'web' }))).toMatch(told('project'));
  });
});

describe('a value that Google would reject is rejected at synthesis:', () => {
  const policy = GoogleCleanupPolicy;

  test.each<[string, object]>([
    ['identity', { identity: undefined }], ['identity', { identity: {} }], ['identity', { identity: GoogleIdentity }],
    ['identity.projectNumber', { identity: GoogleIdentity.federated({ ...GOOGLE_IDENTITY, projectNumber: 'my-project' }) }],
    ['identity.projectNumber', { identity: GoogleIdentity.federated({ ...GOOGLE_IDENTITY, projectNumber: wrong(123456789012) }) }],
    ['identity.poolId', { identity: GoogleIdentity.federated({ ...GOOGLE_IDENTITY, poolId: 'aws' }) }],
    ['identity.poolId', { identity: GoogleIdentity.awsProvider({ ...GOOGLE_IDENTITY, poolId: 'gcp-pool' }) }],
    ['identity.providerId', { identity: GoogleIdentity.federated({ ...GOOGLE_IDENTITY, providerId: 'projects/1/providers/a' }) }],
    ['identity.serviceAccountEmail', { identity: GoogleIdentity.federated({ ...GOOGLE_IDENTITY, serviceAccountEmail: 'me@example.com' }) }],
    ['identity', { identity: GoogleIdentity.federated(wrong(undefined)) }],
    ['project', { project: '123456789012' }], ['project', { project: 'My Project' }], ['project', { project: 'short' }], ['project', { project: 'ends-with-' }],
    ['project', { project: undefined }], ['location', { location: 'europe-west1-b' }], ['location', { location: 'Europe' }], ['location', { location: '' }],
    ['repositoryId', { repositoryId: 'Images' }], ['repositoryId', { repositoryId: '1images' }], ['repositoryId', { repositoryId: 'images-' }],
    ['repositoryId', { repositoryId: 'a'.repeat(64) }], ['repositoryId', { repositoryId: 'team/images' }],
    ['labels.team', { labels: { team: 'The Shop' } }], ['labels', { labels: { Team: 'shop' } }], ['labels.cdk-container-delivery', { labels: { 'cdk-container-delivery': 'a' } }],
    ['labels', { labels: Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`k${index}`, 'v'])) }], ['labels', { labels: ['team'] }],
    ['immutableTags', { immutableTags: 'true' }], ['removalPolicy', { removalPolicy: RemovalPolicy.SNAPSHOT }], ['emptyOnDelete', { emptyOnDelete: true }],
    ['emptyOnDelete', { emptyOnDelete: true, removalPolicy: RemovalPolicy.RETAIN }], ['cleanupPolicies.old', { cleanupPolicies: { old: {} } }],
    ['cleanupPolicies', { cleanupPolicies: { ['a'.repeat(128)]: policy.keepMostRecent({ keepCount: 1 }) } }],
    ['cleanupPolicies.old', { cleanupPolicies: { old: policy.deleteVersions({}) } }], ['cleanupPolicies.old', { cleanupPolicies: { old: policy.deleteVersions(wrong(null)) } }],
    ['cleanupPolicies.old.olderThan', { cleanupPolicies: { old: policy.deleteVersions({ olderThan: wrong('30d') }) } }],
    ['cleanupPolicies.old.tagState', { cleanupPolicies: { old: policy.deleteVersions({ tagState: GoogleTagState.UNTAGGED, tagPrefixes: ['v'] }) } }],
    ['cleanupPolicies.old.tagState', { cleanupPolicies: { old: policy.keepVersions({ tagState: wrong('SOME') }) } }],
    ['cleanupPolicies.old.tagPrefixes', { cleanupPolicies: { old: policy.keepVersions({ tagPrefixes: [] }) } }],
    ['cleanupPolicies.old.keepCount', { cleanupPolicies: { old: policy.keepMostRecent({ keepCount: 0 }) } }],
    ['repositoryName', { repositoryName: 'images' }], ['region', { region: 'europe-west1' }],
  ])('%s in %j', (property, props) => {
    expect(rejected(props)).toMatch(told(property));
  });

  test.each<[string, object]>([
    ['multi-regions', { location: 'us' }], ['long regions', { location: 'northamerica-northeast1' }], ['projects of a domain', { project: 'example.com:my-project' }],
    ['one letter', { repositoryId: 'a' }], ['63 characters', { repositoryId: 'a'.repeat(63) }], ['repositories of gcr.io', { repositoryId: 'eu.gcr.io', location: 'europe' }],
    ['empty values of labels', { labels: { team: '' } }], ['tokens', { description: Aws.STACK_NAME, location: Aws.REGION }],
    ['deletion with images', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true }],
  ])('but not %s', (_, props) => {
    expect(rejected(props)).toBe('accepted');
  });

  test('an app cannot be its scope', () => {
    expect(messageOf(() => new GoogleArtifactRepository(wrong(new App()), 'Stack', PROPS))).toMatch(told('scope'));
  });
});

describe('cleanup policies that would delete more than intended are rejected:', () => {
  const policy = (conditions: object) => rejected({ cleanupPolicies: { old: GoogleCleanupPolicy.deleteVersions(wrong(conditions)) } });

  test.each([
    ['a misspelled condition alone', { olderThanDays: 30 }, "'cleanupPolicies.old.olderThanDays' must be a condition that exists"],
    ['a misspelled condition next to another', { tagState: GoogleTagState.UNTAGGED, age: 30 }, "'cleanupPolicies.old.age' must be a condition that exists"],
    ['an empty prefix', { tagPrefixes: [''] }, 'must not be empty, because it would match everything'],
  ])('%s', (_, conditions, message) => {
    expect(policy(conditions)).toContain(message);
  });
});

test('a repository has at most ten cleanup policies', () => {
  const policies = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, GoogleCleanupPolicy.keepMostRecent({ keepCount: 1 })]));
  expect(() => repository({ cleanupPolicies: policies(10) })).not.toThrow();
  expect(rejected({ cleanupPolicies: policies(11) })).toMatch(/'cleanupPolicies' must have at most 10 entries, .+, got "11 policies"/);
});

test('an app cannot describe one repository twice', () => {
  const stack = newStack();
  new GoogleArtifactRepository(stack, 'One', PROPS);
  new GoogleArtifactRepository(stack, 'Elsewhere', { ...PROPS, location: 'us' });
  expect(messageOf(() => new GoogleArtifactRepository(stack, 'Other', PROPS))).toMatch(/^Stack\/Other: 'repositoryId' must be new in this app .+ Use the repository of Stack\/One, or another ID\.$/);
});

test('labels and the prefixes of a policy can be tokens', () => {
  const stack = newStack();
  const prefixes = new CfnParameter(stack, 'Prefixes', { type: 'CommaDelimitedList' }).valueAsList;
  new GoogleArtifactRepository(stack, 'Google', {
    ...PROPS, labels: Lazy.any({ produce: () => ({ team: 'shop' }) }) as never, cleanupPolicies: { old: GoogleCleanupPolicy.deleteVersions({ tagPrefixes: prefixes }) },
  });

  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources(TYPE));
  expect(Properties.Labels).toEqual({ team: 'shop' });
  expect(flatten(Properties.CleanupPolicies)).toContain('"tagPrefixes":');
  expect(rejected({ cleanupPolicies: Lazy.any({ produce: () => ({}) }) })).toContain("'cleanupPolicies' must be known at synthesis");
});

test('the App Engine service account of a domain-scoped project is accepted', () => {
  const account = GoogleIdentity.federated({ ...GOOGLE_IDENTITY, serviceAccountEmail: 'my-project.example.com@appspot.gserviceaccount.com' });
  expect(() => repository({ identity: account })).not.toThrow();
});
