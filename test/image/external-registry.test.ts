import { App, CfnOutput, Lazy, Stack } from 'aws-cdk-lib';
import { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { DirectPushSynthesizer, ExternalRegistry, ExternalRegistryGoogleArtifactRegistryOptions, ImageRepository, PublishedImage } from '../../src';
import { APP, BY_DIGEST, flatten, liveTagsOf, Match, newStack, Template } from '../helpers/stack';

function newImage() {
  const stack = newStack();
  const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
  return { stack, image, credentials: new Secret(stack, 'Credentials') };
}

const azure = (credentials: ISecret) => ExternalRegistry.azure({ loginServer: 'team.azurecr.io', credentials });

/** The copy to this registry. */
function copyTo(template: Template, destination: string) {
  const [copy] = Object.values(template.findResources('Custom::ContainerImageCopy', { Properties: { Destination: destination } }));
  return copy.Properties;
}

describe('a published image is also copied to a registry outside AWS,', () => {
  test.each<[string, (credentials: ISecret) => ExternalRegistry, string]>([
    ['an Azure Container Registry', azure, 'team.azurecr.io/web/app'],
    ["Google's Artifact Registry", credentials => ExternalRegistry.googleArtifactRegistry({
      location: 'europe-west1', project: 'my-project', repository: 'images', credentials,
    }), 'europe-west1-docker.pkg.dev/my-project/images/web/app'],
    ['any other', credentials => ExternalRegistry.oci({ host: 'registry.example.com:5000', credentials }), 'registry.example.com:5000/web/app'],
  ])('%s: exactly the image of the repository, with a password from a secret', (_, registry, destination) => {
    const { stack, image, credentials } = newImage();
    const address = image.publishTo(registry(credentials), { name: 'web/app', tags: ['v1'] });
    new CfnOutput(stack, 'Address', { value: address });

    const template = Template.fromStack(stack);
    const copy = copyTo(template, destination);
    expect(flatten(copy.Source)).toMatch(BY_DIGEST);
    expect(copy).toMatchObject({ LiveTagPrefix: expect.stringMatching(liveTagsOf('app')), Tags: ['v1'], DestinationCredentials: { Ref: expect.stringMatching('^Credentials') } });
    expect(flatten(template.findOutputs('Address').Address.Value)).toMatch(new RegExp(`^${destination}@sha256:\\$\\{.*\\.DigestHex\\}$`));
  });

  test('by the copy function of the repository, which can read the repository and the secret', () => {
    const { stack, image, credentials } = newImage();
    image.publishTo(azure(credentials), { name: 'web' });

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('CopyHandlerRole') }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: Match.arrayWith(['ecr:GetDownloadUrlForLayer']), Resource: { 'Fn::GetAtt': ['Repository3A24F169', 'Arn'] } }),
          Match.objectLike({ Action: Match.arrayWith(['secretsmanager:GetSecretValue']), Resource: { Ref: Match.stringLikeRegexp('^Credentials') } }),
        ]),
      },
    });
  });

  test('with a token host, if you give one', () => {
    const { stack, image, credentials } = newImage();
    image.publishTo(ExternalRegistry.oci({ host: 'r.example.com', credentials, tokenHost: 'tokens.example.com' }), { name: 'web' });

    expect(copyTo(Template.fromStack(stack), 'r.example.com/web')).toMatchObject({ DestinationTokenHost: 'tokens.example.com' });
  });

  test('with its signatures and other referrers', () => {
    const { stack, image, credentials } = newImage();
    image.publishTo(azure(credentials), { name: 'web' });

    expect(copyTo(Template.fromStack(stack), 'team.azurecr.io/web')).toMatchObject({ Referrers: 'true' });
  });

  test('also if the CDK CLI pushed it directly', () => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
    const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'web' });
    const web = new Stack(app, 'Web');
    const image = repository.buildAndPushImage(APP, { scope: web });
    image.publishTo(azure(new Secret(web, 'Credentials')), { name: 'web' });

    expect(flatten(copyTo(Template.fromStack(web), 'team.azurecr.io/web').Source)).toMatch(new RegExp(`:${image.imageTag}$`));
  });
});

describe('bad input fails at synthesis with path, property, rule, value and fix', () => {
  const fails = (use: (image: PublishedImage, credentials: ISecret) => unknown, message: string) => {
    const { image, credentials } = newImage();
    expect(() => use(image, credentials)).toThrow(message);
  };

  test.each(['https://team.azurecr.io', 'team.azurecr.io/web', 'team.example.com', 'Team.azurecr.io', ''])('the login server %j', loginServer => {
    fails((image, credentials) => image.publishTo(ExternalRegistry.azure({ loginServer, credentials }), { name: 'web' }),
      `Stack/Repository/Images/app: 'registry.loginServer' must be like "team.azurecr.io", got ${JSON.stringify(loginServer)}. Write only the host`);
  });

  test.each<[string, Partial<ExternalRegistryGoogleArtifactRegistryOptions>]>([
    ['location', { location: 'Europe' }], ['location', { location: undefined }], ['project', { project: 'My_Project' }],
    ['repository', { repository: '' }], ['repository', { repository: Lazy.string({ produce: () => 'images' }) }],
  ])('the %s of a Google repository, by its own property name', (property, wrong) => {
    const options = { location: 'europe-west1', project: 'my-project', repository: 'images', ...wrong };
    fails((image, credentials) => image.publishTo(ExternalRegistry.googleArtifactRegistry({ ...options, credentials } as ExternalRegistryGoogleArtifactRegistryOptions), { name: 'web' }),
      `Stack/Repository/Images/app: 'registry.${property}' must be `);
  });

  test('a host that the copy function could not reach', () => {
    fails((image, credentials) => image.publishTo(ExternalRegistry.oci({ host: 'localhost:5000', credentials }), { name: 'web' }),
      "'registry.host' must be at a public address");
  });

  test('a name on Docker Hub without a namespace', () => {
    fails((image, credentials) => image.publishTo(ExternalRegistry.oci({ host: 'docker.io', credentials }), { name: 'web' }),
      "'name' must begin with a user or an organization on Docker Hub, got \"web\"");
  });

  test.each(['registry.example.com:99999', 'https://registry.example.com', undefined])('the host %j', host => {
    fails((image, credentials) => image.publishTo(ExternalRegistry.oci({ host: host as string, credentials }), { name: 'web' }),
      "'registry.host' must be like \"registry.example.com\"");
  });

  test('a token host with a scheme', () => {
    fails((image, credentials) => image.publishTo(ExternalRegistry.oci({ host: 'r.example.com', credentials, tokenHost: 'https://t.example.com' }), { name: 'web' }),
      "'tokenHost' must be a host, got \"https://t.example.com\"");
  });

  test.each(['Web', '/web', 'web/', 'a b', 'web:v1', ''])('the name %j', name => {
    fails((image, credentials) => image.publishTo(azure(credentials), { name }), "'name' must be lower-case letters and digits");
  });

  test('an invalid tag, the same target twice, and a value that is not a registry', () => {
    fails((image, credentials) => image.publishTo(azure(credentials), { name: 'web', tags: ['a b'] }), "'tags[0]' must be 1 to 128 letters");
    fails((image, credentials) => {
      image.publishTo(azure(credentials), { name: 'web' });
      image.publishTo(azure(credentials), { name: 'web', tags: ['v1'] });
    }, "'name' must be new in this registry, got \"web\". Pass all tags at once");
    fails((image, credentials) => {
      const other = new ImageRepository(Stack.of(image.repository), 'Other').buildAndPushImage(APP);
      image.publishTo(azure(credentials), { name: 'web', tags: ['v1'] });
      other.publishTo(azure(credentials), { name: 'web', tags: ['v1'] });
    }, "Stack/Other/Images/app: 'tags' must name one image each, got \"v1\"");
    fails(image => image.publishTo(ExternalRegistry.azure as unknown as ExternalRegistry, { name: 'web' }), "'registry' must be an ExternalRegistry, got \"a function that was not called\"");
    fails((image, credentials) => image.publishTo(azure(credentials), { name: Lazy.string({ produce: () => 'web' }) }), "'name' must be known at synthesis");
  });
});
