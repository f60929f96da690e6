import { CfnParameter, NestedStack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ImageRepository, ImageRoute, ImageSource } from '../../src';
import { Match, newStack, Template } from '../helpers/stack';

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** The source of the copy. */
function sourceOf(reference: string, stack = newStack()): unknown {
  new ImageRepository(stack, 'Repository').publish('mirror', ImageSource.registry(reference));
  const [copy] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageCopy'));
  return copy.Properties.Source;
}

describe('an image of a registry', () => {
  test.each([
    ['nginx', 'registry-1.docker.io/library/nginx:latest'],
    ['nginx:1.27', 'registry-1.docker.io/library/nginx:1.27'],
    ['docker.io/nginx', 'registry-1.docker.io/library/nginx:latest'],
    ['grafana/grafana:11.0.0', 'registry-1.docker.io/grafana/grafana:11.0.0'],
    ['ghcr.io/team/web:v1', 'ghcr.io/team/web:v1'],
    [`quay.io/team/web@${DIGEST}`, `quay.io/team/web@${DIGEST}`],
    [`team/web:v1@${DIGEST}`, `registry-1.docker.io/team/web@${DIGEST}`],
    ['public.ecr.aws/docker/library/busybox:1.37', 'public.ecr.aws/docker/library/busybox:1.37'],
    ['team.azurecr.io/a/b:c', 'team.azurecr.io/a/b:c'],
    ['europe-west1-docker.pkg.dev/project/images/web:v1', 'europe-west1-docker.pkg.dev/project/images/web:v1'],
    ['registry.example.com:5000/web:v1', 'registry.example.com:5000/web:v1'],
    ['GHCR.io/team/web:V1', 'ghcr.io/team/web:V1'],
    ['docker.io/grafana/grafana:11.0.0', 'registry-1.docker.io/grafana/grafana:11.0.0'],
  ])('%s is resolved like in docker pull', (reference, full) => {
    expect(sourceOf(reference)).toBe(full);
  });

  test('uses the copy route, because this app does not build it', () => {
    const image = new ImageRepository(newStack(), 'Repository').publish('nginx', ImageSource.registry('nginx:1.27'));
    expect([image.route, image.routeReason]).toEqual([ImageRoute.COPY, 'the image is not built by this app']);
  });

  test('of a private registry is read with a secret that only the copy function can read, and that is in no template', () => {
    const stack = newStack();
    const credentials = new Secret(stack, 'Hub');
    new ImageRepository(stack, 'Repository').publish('web', ImageSource.registry('ghcr.io/team/web:v1', { credentials }));

    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::ContainerImageCopy', { SourceCredentials: { Ref: Match.stringLikeRegexp('^Hub') } });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('CopyHandlerRole') }],
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: { Ref: Match.stringLikeRegexp('^Hub') },
        })]),
      },
    });
  });

  test('with a token host gets its token there with the password', () => {
    const stack = newStack();
    const credentials = new Secret(stack, 'Vendor');
    const source = (tokenHost: string) => ImageSource.registry('docker.elastic.co/beats/filebeat:8.0.0', { credentials, tokenHost });
    const repository = new ImageRepository(stack, 'Repository');
    repository.publish('beat', source('docker-auth.elastic.co'));

    Template.fromStack(stack).hasResourceProperties('Custom::ContainerImageCopy', { SourceTokenHost: 'docker-auth.elastic.co' });
    expect(() => repository.publish('other', source('https://docker-auth.elastic.co')))
      .toThrow("Stack/Repository/Images/other: 'tokenHost' must be a host, got \"https://docker-auth.elastic.co\". Write only the host");
  });

  test('in a nested stack is copied by a function of that stack, to avoid a circular dependency', () => {
    const stack = newStack();
    const nested = new NestedStack(stack, 'Nested');
    new ImageRepository(stack, 'Repository').publish('web', ImageSource.registry('ghcr.io/team/web:v1', {
      credentials: new Secret(nested, 'Hub'),
    }), { scope: nested });

    Template.fromStack(nested).resourceCountIs('AWS::Lambda::Function', 1);
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('can be a token, if its value is in full form', () => {
    const stack = newStack();
    expect(sourceOf(new CfnParameter(stack, 'Image').valueAsString, stack)).toEqual({ Ref: 'Image' });
  });

  test('with a token in a part of it must begin with the host', () => {
    const stack = newStack();
    const tag = new CfnParameter(stack, 'Tag').valueAsString;
    expect(() => sourceOf(`grafana/grafana:${tag}`)).toThrow("'reference' must begin with the host when a part of it is only known at deployment");
    expect(() => sourceOf(`ghcr.io/team/web:${tag}`, stack)).not.toThrow();
  });

  test('of a private ECR registry is rejected with the code that works', () => {
    expect(() => sourceOf('111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:v1')).toThrow(
      "Use ImageSource.ecr(ecr.Repository.fromRepositoryArn(this, 'Source', 'arn:aws:ecr:eu-west-1:111122223333:repository/team/web'), 'v1').",
    );
  });

  test.each(['localhost:5000/web', 'localhost/web', 'team.localhost/web', '127.0.0.1:5000/web', '10.0.0.5/web:v1', '0x7f.1/web', '2130706433:80/web', '192.168.1.2:5000/a/b'])(
    '%j is rejected, because the copy function could not reach it', reference => {
      expect(() => sourceOf(reference)).toThrow(/'reference' must be at a public address, because .*, got ".*"\. Build or load the image in the app/);
    },
  );

  test.each([
    ['Nginx', 'A repository has no capital letters.'], ['ghcr.io/Team/web:v1', 'A repository has no capital letters.'],
    [`ghcr.io/team/Web@${DIGEST}`, 'A repository has no capital letters.'], ['Team/web', 'A repository has no capital letters.'],
    [`nginx@sha512:${'a'.repeat(128)}`, 'Digests with sha512 are not supported, because ECR uses sha256.'],
    ['[::1]:5000/web:v1', 'IPv6 addresses are not supported, because the function that copies images has no IPv6 network.'],
    ['[2001:db8::1]/team/web', 'IPv6 addresses are not supported'], ['::1/web', 'IPv6 addresses are not supported'],
    ['nginx@sha256:abc', 'A digest is "sha256:" and 64 lower-case hexadecimal digits.'],
    [`nginx@SHA256:${'a'.repeat(64)}`, 'A digest is "sha256:"'], [`nginx@sha256:${'A'.repeat(64)}`, 'A digest is "sha256:"'],
    ['https://ghcr.io/a/b:c', 'It begins with the host, without "https://".'], ['my_registry.example.com/team/web:v1', 'A host has no underscores.'],
    [`ghcr.io/${'a'.repeat(256)}`, 'A repository has at most 255 characters.'],
  ])('%s is rejected with the rule that it breaks', (reference, rule) => {
    expect(() => sourceOf(reference)).toThrow(rule);
  });

  test.each(['', 'Nginx', 'nginx:', 'nginx@sha256:abc', 'https://ghcr.io/a/b:c', 'a b', 'user:password@ghcr.io/a:b', undefined,
    'my_registry.example.com/team/web:v1', 'ghcr.io//a', '-foo.io/x', 'ghcr.io/a..b', 'registry.example.com/',
    'registry.example.com:99999/web', `ghcr.io/${'a'.repeat(256)}`])('%j fails with the fix', reference => {
    expect(() => sourceOf(reference as string)).toThrow(
      /^Stack\/Repository\/Images\/mirror: 'reference' must be an image of a registry, got .*\. Write it like "nginx:1\.27", "ghcr\.io\/team\/web:v1" or "host\/repository@sha256:…"\.$/,
    );
  });
});
