import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Code, DockerImageCode, DockerImageFunction, Function, Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import {
  DirectPushSynthesizer, ImageCheck, ImageRepository, ImageRepositoryProps, ImageSource, ToLambdaCodeOptions, PublishedImage, PullAccess, PullService,
} from '../../src';
import { Statement } from '../helpers/repository-policy';
import { APP, flatten, newStack, Template } from '../helpers/stack';

function newFunction(stack: Stack, image: PublishedImage, options?: ToLambdaCodeOptions): DockerImageFunction {
  return new DockerImageFunction(stack, 'Function', { code: image.toLambdaCode(options) });
}

describe('Lambda can pull only for functions of the account of the function, by one statement,', () => {
  const [OWN, OTHER] = ['111122223333', '444455556666'];
  const LAMBDA = { Service: 'lambda.amazonaws.com' };
  const UNKNOWN = 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*';
  const region = 'eu-west-1';
  const environment = (account: string) => ({ env: { account, region } });
  const functions = (...accounts: string[]) => accounts.map(account => `arn:\${AWS::Partition}:lambda:${region}:${account}:function:*`);

  /** The statements for services in the repository policy, and their resources. */
  function services(stack: Stack): unknown[] {
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
    const statements: Statement[] = Properties.RepositoryPolicyText?.Statement ?? [];
    return statements.filter(({ Principal }) => JSON.stringify(Principal).includes('Service')).map(({ Principal, Action, Condition }) => {
      expect([...Action].sort()).toEqual(['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']);
      return [Principal, [Condition?.StringLike['aws:SourceArn']].flat().map(flatten)];
    });
  }

  function repositoryIn(account = OWN, props: ImageRepositoryProps = {}) {
    const stack = new Stack(new App(), 'Stack', environment(account));
    return { stack, repository: new ImageRepository(stack, 'Repository', { repositoryName: 'web', ...props }) };
  }

  test('with and without an image check', () => {
    for (const imageCheck of [ImageCheck.none(), ImageCheck.beforeDeployment()]) {
      const { stack, repository } = repositoryIn();
      newFunction(stack, repository.buildAndPushImage(APP), { imageCheck });
      expect(services(stack)).toEqual([[LAMBDA, functions(OWN)]]);
    }
  });

  test('for any number of functions with images of the repository, also if they are added later', () => {
    const { stack, repository } = repositoryIn();
    const [web, api] = ['web', 'api'].map(id => repository.publish(id, ImageSource.directory(APP)));
    const code = web.toLambdaCode();
    for (const id of ['A', 'B', 'C']) new DockerImageFunction(stack, id, { code });
    new DockerImageFunction(stack, 'D', { code: api.toLambdaCode() });
    new DockerImageFunction(new NestedStack(stack, 'Nested'), 'E', { code: api.toLambdaCode() });

    expect(services(stack)).toEqual([[LAMBDA, functions(OWN)]]);
  });

  test('also if the account is a token', () => {
    const stack = newStack();
    newFunction(stack, new ImageRepository(stack, 'Repository').buildAndPushImage(APP));

    expect(services(stack)).toEqual([[LAMBDA, [UNKNOWN]]]);
  });

  test.each<[string, PullAccess, string[]]>([
    ['before', { services: [PullService.AWS_LAMBDA] }, [OWN]],
    ['twice', { services: [PullService.AWS_LAMBDA, PullService.AWS_LAMBDA] }, [OWN]],
    ['for another account too', { accounts: [OTHER], services: [PullService.AWS_LAMBDA] }, [OWN, OTHER]],
    ['for its own account by name', { accounts: [OWN], services: [PullService.AWS_LAMBDA] }, [OWN]],
  ])('if the repository allows Lambda to pull %s, also afterwards', (_, pullFrom, accounts) => {
    const first = repositoryIn(OWN, { pullFrom });
    newFunction(first.stack, first.repository.buildAndPushImage(APP));
    const last = repositoryIn();
    newFunction(last.stack, last.repository.buildAndPushImage(APP));
    last.repository.allowPullFrom(pullFrom);

    expect(services(first.stack)).toEqual([[LAMBDA, functions(...accounts)]]);
    expect(services(last.stack)).toEqual(services(first.stack));
  });

  test.each([[OWN, region], [OTHER, region], [OWN, 'us-east-1']])('if the function is in another stack, of account %s in %s', (account, place) => {
    const { stack: base, repository } = repositoryIn();
    const stack = new Stack(base.node.root as App, 'Functions', { env: { account, region: place } });
    newFunction(stack, repository.buildAndPushImage(APP, { scope: stack }));

    expect(services(base)).toEqual([[LAMBDA, [`arn:\${AWS::Partition}:lambda:${place}:${account}:function:*`]]]);
  });

  test('if functions are in several accounts', () => {
    const { stack: base, repository } = repositoryIn();
    for (const account of [OTHER, OWN]) {
      const stack = new Stack(base.node.root as App, `Functions-${account}`, environment(account));
      newFunction(stack, repository.buildAndPushImage(APP, { scope: stack }));
    }
    expect(services(base)).toEqual([[LAMBDA, functions(OTHER, OWN)]]);
  });

  test('if the image is pushed directly', () => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
    const base = new Stack(app, 'Base');
    const stack = new Stack(app, 'Stack');
    newFunction(stack, new ImageRepository(base, 'Repository', { repositoryName: 'web' }).buildAndPushImage(APP, { scope: stack }));

    expect(services(base)).toEqual([[LAMBDA, [UNKNOWN]]]);
  });

  test.each<[string, (repository: ImageRepository) => Code]>([
    ['Code.fromEcrImage', repository => Code.fromEcrImage(repository)],
    ['DockerImageCode.fromEcr', repository => DockerImageCode.fromEcr(repository, { tagOrDigest: 'v1' })._bind()],
  ])('if CDK itself adds the grant (%s), which has no condition', (_, code) => {
    const { stack, repository } = repositoryIn();
    newFunction(stack, repository.buildAndPushImage(APP));
    new Function(stack, 'Other', { code: code(repository), handler: Handler.FROM_IMAGE, runtime: Runtime.FROM_IMAGE });

    expect(services(stack)).toEqual([[LAMBDA, functions(OWN)]]);
  });

  test('if CDK merges statements', () => {
    const app = new App({ context: { '@aws-cdk/aws-iam:minimizePolicies': true } });
    const stack = new Stack(app, 'Stack', environment(OWN));
    const pullFrom = { accounts: [OTHER], services: [PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD] };
    const repository = new ImageRepository(stack, 'Repository', { pullFrom });
    newFunction(stack, repository.buildAndPushImage(APP));

    expect(services(stack)).toEqual(expect.arrayContaining([[LAMBDA, functions(OWN, OTHER)]]));
    expect(services(stack)).toHaveLength(2);
  });

  test('and an imported repository is not changed', () => {
    const stack = newStack(environment(OWN));
    const repository = ImageRepository.fromRepositoryName(stack, 'Repository', 'web');
    newFunction(stack, repository.buildAndPushImage(APP));

    Template.fromStack(stack).resourceCountIs('AWS::ECR::Repository', 0);
  });
});
