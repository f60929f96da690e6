import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { IImageRepository, ImageRepository } from '../../src';
import { flatten, newStack, Template } from '../helpers/stack';

const HERE = { account: '111122223333', region: 'eu-west-1' };
const HOST = '111122223333.dkr.ecr.eu-west-1.${AWS::URLSuffix}';

function outputOf(stack: Stack, value: string): string {
  new CfnOutput(stack, 'Output', { value });
  return flatten(Template.fromStack(stack).toJSON().Outputs.Output.Value);
}

describe('the login command', () => {
  test.each<[string, (stack: Stack) => IImageRepository]>([
    ['by name', stack => ImageRepository.fromRepositoryName(stack, 'Repository', 'web')],
    ['by ARN', stack => ImageRepository.fromRepositoryArn(stack, 'Repository', 'arn:aws:ecr:eu-west-1:111122223333:repository/web')],
  ])('of an imported repository (%s) gets a password from AWS when it runs, and passes it on without showing it', (_, load) => {
    const stack = newStack({ env: HERE });

    expect(outputOf(stack, load(stack).loginCommand))
      .toBe(`aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin ${HOST}`);
  });

  test('of a repository has its host and region as tokens', () => {
    const stack = newStack();
    const command = outputOf(stack, new ImageRepository(stack, 'Repository').loginCommand);

    expect(command).toBe(
      'aws ecr get-login-password --region ${AWS::Region} | docker login --username AWS --password-stdin ${Fn::Select}.dkr.ecr.${Fn::Select}.${AWS::URLSuffix}',
    );
  });

  test('of a repository in another region logs in there', () => {
    const stack = newStack({ env: HERE });
    const repository = ImageRepository.fromRepositoryArn(stack, 'Repository', 'arn:aws:ecr:us-east-1:444455556666:repository/web');

    expect(outputOf(stack, repository.loginCommand)).toBe(
      'aws ecr get-login-password --region us-east-1 | docker login --username AWS --password-stdin 444455556666.dkr.ecr.us-east-1.${AWS::URLSuffix}',
    );
  });

  test('can be an output of another stack', () => {
    const app = new App();
    const [own, other] = [new Stack(app, 'Own', { env: HERE }), new Stack(app, 'Other', { env: HERE })];

    expect(outputOf(other, new ImageRepository(own, 'Repository').loginCommand)).toContain('docker login --username AWS --password-stdin');
  });
});

test('the endpoint of the registry is its host, without https and repository name', () => {
  const stack = newStack({ env: HERE });
  const repository = ImageRepository.fromRepositoryName(stack, 'Repository', 'team/web');

  expect(outputOf(stack, repository.registryEndpoint)).toBe(HOST);
  expect(flatten(stack.resolve(repository.repositoryUri))).toBe(`${HOST}/team/web`);
});
