import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { DirectPushSynthesizer, ExternalRegistry, ImageRepository, ImageSource } from '../../src';
import { APP, newStack, Template } from '../helpers/stack';

interface Properties {
  readonly PolicyDocument: { readonly Statement: readonly { readonly Resource: unknown; readonly Action: unknown }[] };
}

function newImage() {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  return { stack, repository, image: repository.buildAndPushImage(APP) };
}

describe('the copy function is allowed', () => {
  const WRITE = [
    'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload',
    'ecr:PutImage', 'ecr:UploadLayerPart',
  ];
  const READ = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];

  /** All permissions of the role, as actions by resource. */
  function permissions(template: Template): [unknown, unknown][] {
    const resources: [string, { Type: string; Properties: Properties }][] = Object.entries(template.toJSON().Resources);
    const [[roleId, role]] = resources.filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && /CopyHandler.*Role/.test(id));
    expect(role.Properties).not.toHaveProperty('Policies');
    expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    // Any type of policy can refer to the role.
    const policies = resources.filter(([, each]) => /^AWS::IAM::.*Policy$/.test(each.Type) && JSON.stringify(each).includes(`{"Ref":"${roleId}"}`));
    const statements = policies.flatMap(([, { Properties: { PolicyDocument } }]) => PolicyDocument.Statement);
    return statements.map(({ Resource, Action }) => [
      JSON.stringify(Resource).replace(/.*(stage|container-assets|Repository3A24F169|ContainerDeliveryLogs|CopyHandlerFunction|\*).*/, '$1'), Action,
    ]);
  }

  test('to read its source, write its repository, log in, write logs, invoke itself, and nothing else', () => {
    const { stack } = newImage();

    expect(permissions(Template.fromStack(stack))).toEqual([
      ['ContainerDeliveryLogs', ['logs:CreateLogStream', 'logs:PutLogEvents']],
      ['*', 'ecr:GetAuthorizationToken'],
      ['CopyHandlerFunction', 'lambda:InvokeFunction'],
      ['Repository3A24F169', WRITE],
      ['container-assets', READ],
    ]);
  });

  test('only to read the repository if it only copies an image to another registry', () => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
    const web = new Stack(app, 'Web');
    const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'web' });
    const credentials = Secret.fromSecretCompleteArn(web, 'Credentials', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:registry-abcdef');
    repository.buildAndPushImage(APP, { scope: web }).publishTo(ExternalRegistry.oci({ host: 'r.example.com', credentials }), { name: 'web' });

    const actions = permissions(Template.fromStack(web)).map(([, action]) => action);
    expect(actions).toContainEqual(READ);
    expect(JSON.stringify(actions)).not.toMatch(/PutImage|Upload/);
  });

  test('to read every source that it copies from', () => {
    const { stack, repository } = newImage();
    repository.publish('asset', ImageSource.asset(new DockerImageAsset(stack, 'Asset', { directory: APP })));
    repository.publish('stage', ImageSource.ecr(Repository.fromRepositoryArn(
      stack, 'Stage', 'arn:aws:ecr:eu-west-1:111122223333:repository/stage',
    ), 'v1'));

    expect(permissions(Template.fromStack(stack)).slice(4)).toEqual([['container-assets', READ], ['stage', READ]]);
  });
});

describe('an image of a repository in another account, whose policy allows it to the account of the function,', () => {
  function twoAccounts() {
    const app = new App();
    const base = new Stack(app, 'Base', { env: { account: '111122223333', region: 'eu-west-1' } });
    const web = new Stack(app, 'Web', { env: { account: '444455556666', region: 'eu-west-1' } });
    return { app, base, web };
  }

  /** The actions that the repository policy allows to principals of the other account. */
  const allowed = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'))
    .flatMap(({ Properties }) => Properties.RepositoryPolicyText.Statement)
    .filter(({ Principal }) => /:iam::444455556666:root/.test(JSON.stringify(Principal)))
    .flatMap(({ Action }) => Action);

  test('can be promoted', () => {
    const { base, web } = twoAccounts();
    const staging = new Repository(base, 'Staging', { repositoryName: 'staging/web' });
    new ImageRepository(web, 'Repository').publish('web', ImageSource.ecr(staging, 'v1'));

    Template.fromStack(web).resourceCountIs('Custom::ContainerImageCopy', 1);
    expect(allowed(base)).toEqual(expect.arrayContaining(['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']));
  });

  test('can be written by the function, and copied on to another registry', () => {
    const { app, base, web } = twoAccounts();
    const repository = new ImageRepository(base, 'Repository', { repositoryName: 'team/web' });
    const image = repository.buildAndPushImage(APP, { scope: web });
    image.publishTo(ExternalRegistry.oci({ host: 'r.example.com', credentials: new Secret(web, 'Credentials') }), { name: 'web' });
    app.synth();

    Template.fromStack(web).resourceCountIs('Custom::ContainerImageCopy', 2);
    expect(allowed(base)).toEqual(expect.arrayContaining(['ecr:PutImage', 'ecr:GetDownloadUrlForLayer']));
  });
});
