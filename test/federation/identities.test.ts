import { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AzureIdentity, ExternalRegistry, GoogleIdentity, ImageRepository, ImageSource } from '../../src';
import { checkAllowed, decodeCopy } from '../../src/copy/handler/decode';
import { APP, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const TENANT = '11111111-2222-3333-4444-555555555555';
const CLIENT = '66666666-7777-8888-9999-000000000000';
const GOOGLE = { projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com' };
const GOOGLE_TEXT = '123456789012;aws-pool;aws-outbound;images@my-project.iam.gserviceaccount.com';

const azure = () => AzureIdentity.federated({ tenantId: TENANT, clientId: CLIENT });
const google = () => GoogleIdentity.federated(GOOGLE);
const artifactRegistry = (identity?: GoogleIdentity) => ExternalRegistry.googleArtifactRegistry({ location: 'europe-west1', project: 'my-project', repository: 'images', identity });

function newImage() {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  return { stack, repository, image: repository.buildAndPushImage(APP) };
}

/** The copy to or from another registry, and the environment and permissions of the function. */
function deployed(stack: Stack) {
  const template = Template.fromStack(stack);
  const [{ Properties: { Environment } }] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Description: 'Copies container images during deployments' } }));
  const copies = Object.values(template.findResources('Custom::ContainerImageCopy')).map(({ Properties }) => Properties as Record<string, unknown>);
  const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement as { Action: unknown }[]);
  return { logins: Environment?.Variables?.REGISTRY_LOGINS, copies, tokens: statements.filter(({ Action }) => Action === 'sts:GetWebIdentityToken') };
}

const permission = (audience: string) => ({
  Effect: 'Allow', Action: 'sts:GetWebIdentityToken', Resource: '*',
  Condition: {
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': audience },
    'Null': { 'sts:IdentityTokenAudience': 'false' },
    'NumericLessThanEquals': { 'sts:DurationSeconds': 300 },
    'StringEquals': { 'sts:SigningAlgorithm': 'RS256' },
  },
});

describe('an image is published without a password', () => {
  test('to Azure, with a token for Azure only', () => {
    const { stack, image } = newImage();
    image.publishTo(ExternalRegistry.azure({ loginServer: 'team.azurecr.io', identity: azure() }), { name: 'web' });

    const { logins, copies, tokens } = deployed(stack);
    expect(copies).toContainEqual(expect.objectContaining({ Destination: 'team.azurecr.io/web', DestinationIdentity: `azure;${TENANT};${CLIENT};PUBLIC` }));
    expect(logins).toBe(`destination azure;${TENANT};${CLIENT};PUBLIC team.azurecr.io`);
    expect(tokens).toEqual([permission('api://AzureADTokenExchange')]);
  });

  test('to Google, with a token for one provider only', () => {
    const { stack, image } = newImage();
    image.publishTo(artifactRegistry(google()), { name: 'web' });

    const { logins, copies, tokens } = deployed(stack);
    expect(copies).toContainEqual(expect.objectContaining({ Destination: 'europe-west1-docker.pkg.dev/my-project/images/web', DestinationIdentity: `google;${GOOGLE_TEXT}` }));
    expect(logins).toBe(`destination google;${GOOGLE_TEXT} europe-west1-docker.pkg.dev`);
    expect(tokens).toEqual([permission('https://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/aws-pool/providers/aws-outbound')]);
  });

  test('to Google from an account without federation, which needs no permission', () => {
    const { stack, image } = newImage();
    image.publishTo(artifactRegistry(GoogleIdentity.awsProvider(GOOGLE)), { name: 'web' });

    const { logins, tokens } = deployed(stack);
    expect(logins).toBe(`destination google-aws;${GOOGLE_TEXT} europe-west1-docker.pkg.dev`);
    expect(tokens).toEqual([]);
  });

  test('and mirrored without a password', () => {
    const { stack, repository } = newImage();
    repository.publish('azure', ImageSource.registry('team.azurecr.io/web:v1', { identity: azure() }));
    repository.publish('google', ImageSource.registry('europe-west1-docker.pkg.dev/my-project/images/web:v1', { identity: google() }));

    const { logins, copies, tokens } = deployed(stack);
    expect(copies.map(({ SourceIdentity }) => SourceIdentity)).toEqual(expect.arrayContaining([`azure;${TENANT};${CLIENT};PUBLIC`, `google;${GOOGLE_TEXT}`]));
    expect(logins.split(',')).toEqual([`source azure;${TENANT};${CLIENT};PUBLIC team.azurecr.io`, `source google;${GOOGLE_TEXT} europe-west1-docker.pkg.dev`]);
    expect(tokens).toHaveLength(2);
  });
});

describe('an impossible configuration is rejected at synthesis:', () => {
  const { stack, image, repository } = newImage();
  const credentials = new Secret(stack, 'Secret');
  const publish = (registry: () => ExternalRegistry) => messageOf(() => image.publishTo(registry(), { name: 'web' }));
  let count = 0;
  const mirror = (reference: string, options: object) => messageOf(() => repository.publish(`mirror${count++}`, ImageSource.registry(reference, options)));

  test('a registry with a secret and an identity, or with neither', () => {
    expect(publish(() => ExternalRegistry.azure({ loginServer: 'team.azurecr.io', credentials, identity: azure() }))).toMatch(told('registry.identity'));
    expect(publish(() => ExternalRegistry.azure({ loginServer: 'team.azurecr.io' }))).toMatch(told('registry.credentials'));
    expect(publish(() => artifactRegistry())).toMatch(told('registry.credentials'));
    expect(mirror('team.azurecr.io/web:v1', { credentials, identity: azure() })).toMatch(told('identity'));
  });

  test('an identity of another cloud, or another value', () => {
    for (const identity of [google(), {}, 'arn', null, AzureIdentity]) {
      expect(publish(() => ExternalRegistry.azure({ loginServer: 'team.azurecr.io', identity: wrong(identity) }))).toMatch(told('registry.identity'));
    }
    expect(publish(() => artifactRegistry(wrong(azure())))).toMatch(told('registry.identity'));
  });

  test('an identity for a host that does not support it', () => {
    expect(mirror('ghcr.io/team/web:v1', { identity: google() })).toMatch(told('identity'));
    expect(mirror('team.azurecr.io/web:v1', { identity: google() })).toMatch(told('identity'));
    expect(mirror('europe-west1-docker.pkg.dev/p/r/web:v1', { identity: azure() })).toMatch(told('identity'));
  });

  test.each(['gcr.io/p/web:v1', 'eu.gcr.io/p/web:v1', 'us-docker.pkg.dev/p/r/web:v1'])('but not %s', reference => {
    expect(mirror(reference, { identity: google() })).toBe('accepted');
  });
});

describe('an event cannot choose where a token goes:', () => {
  const text = `google;${GOOGLE_TEXT}`;
  const event = (more: object) => decodeCopy({
    SchemaVersion: '1', Source: 'nginx.example/web:v1', Destination: 'europe-west1-docker.pkg.dev/my-project/images/web', LiveTagPrefix: 'live-web.', ...more,
  });
  const environment = { REGISTRY_LOGINS: `destination ${text} europe-west1-docker.pkg.dev` };

  test('the pair of identity and host of its stack is allowed', () => {
    expect(() => checkAllowed(event({ DestinationIdentity: text }), environment)).not.toThrow();
  });

  test.each<[string, object]>([
    ['another host', { DestinationIdentity: text, Destination: 'us-docker.pkg.dev/my-project/images/web' }],
    ['a host of another owner', { DestinationIdentity: text, Destination: 'evil.example/web' }],
    ['the other side', { SourceIdentity: text, Source: 'europe-west1-docker.pkg.dev/my-project/images/web:v1' }],
    ['another service account', { DestinationIdentity: text.replace('images@', 'admin@') }],
    ['another provider', { DestinationIdentity: text.replace('aws-outbound', 'other') }],
    ['another kind', { DestinationIdentity: text.replace('google', 'google-aws') }],
    ['a token host', { DestinationIdentity: text, DestinationTokenHost: 'evil.example' }],
  ])('%s is not allowed', (_, more) => {
    expect(() => checkAllowed(event(more), environment)).toThrow(/^this function may not send a token of the identity google/);
  });

  test.each([{ DestinationIdentity: '' }, { DestinationIdentity: 'google' }, { DestinationIdentity: [] }, { DestinationIdentity: `${text},x` }])('%j is not an identity', more => {
    expect(() => event(more)).toThrow(/^the property 'DestinationIdentity' (is not an identity|must be a text)/);
  });

  test('an identity next to a secret is rejected', () => {
    expect(() => event({ DestinationIdentity: text, DestinationCredentials: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:hub-AbCdEf' })).toThrow(/exclude each other/);
  });
});
