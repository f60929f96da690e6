import { Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { IImageRepository, ImageRepository, ImageSource } from '../../src';
import { APP, flatten, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const HERE = { account: '111122223333', region: 'eu-west-1' };
const arn = (account: string, region: string, name = 'team/web') => `arn:aws:ecr:${region}:${account}:repository/${name}`;

type Loader = [string, (stack: Stack) => IImageRepository];
const HERE_BY: Loader[] = [
  ['by name', stack => ImageRepository.fromRepositoryName(stack, 'Repository', 'team/web')],
  ['by ARN', stack => ImageRepository.fromRepositoryArn(stack, 'Repository', arn(HERE.account, HERE.region))],
  ['by attributes', stack => ImageRepository.fromRepositoryAttributes(stack, 'Repository', {
    repositoryName: 'team/web', repositoryArn: arn(HERE.account, HERE.region),
  })],
];

describe('an imported repository', () => {
  test.each(HERE_BY)('%s has its name, ARN, address and registry', (way, load) => {
    const stack = newStack({ env: HERE });
    const repository = load(stack);
    const { repositoryName, repositoryArn, repositoryUri, registryEndpoint } = repository;

    expect(repositoryName).toBe('team/web');
    expect(flatten(stack.resolve(repositoryArn))).toBe(`arn:${way === 'by name' ? '${AWS::Partition}' : 'aws'}:ecr:eu-west-1:111122223333:repository/team/web`);
    expect(flatten(stack.resolve(repositoryUri))).toBe('111122223333.dkr.ecr.eu-west-1.${AWS::URLSuffix}/team/web');
    expect(flatten(stack.resolve(registryEndpoint))).toBe('111122223333.dkr.ecr.eu-west-1.${AWS::URLSuffix}');
  });

  test.each<[string, string, string]>([['account', '444455556666', 'eu-west-1'], ['region', '111122223333', 'us-east-1'], ['account and region', '444455556666', 'us-east-1']])(
    'of another %s, by its ARN, receives images there',
    (_, account, region) => {
      const stack = newStack({ env: HERE });
      const repository = ImageRepository.fromRepositoryArn(stack, 'Repository', arn(account, region));
      repository.publish('web', ImageSource.directory(APP));

      expect(repository.env).toEqual({ account, region });
      const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageCopy'));
      expect(flatten(Properties.Destination)).toBe(`${account}.dkr.ecr.${region}.\${AWS::URLSuffix}/team/web`);
      const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy');
      expect(JSON.stringify(policies)).toContain(`"${arn(account, region)}"`);
    },
  );

  test('can have a name that is a token', () => {
    const stack = newStack();
    const name = new CfnParameter(stack, 'Name').valueAsString;
    const repository = ImageRepository.fromRepositoryName(stack, 'Repository', name);
    repository.publish('web', ImageSource.directory(APP));

    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageCopy'));
    expect(flatten(Properties.Destination)).toBe('${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${Name}');
  });

  test('can have an ARN that is a token, and account and region come from the ARN', () => {
    const stack = newStack({ env: HERE });
    const repositoryArn = Fn.importValue('RepositoryArn');
    const repository = ImageRepository.fromRepositoryAttributes(stack, 'Repository', { repositoryName: 'web', repositoryArn });

    const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': [':', { 'Fn::ImportValue': 'RepositoryArn' }] }] });
    expect(stack.resolve(repository.registryEndpoint)).toEqual({ 'Fn::Join': ['', [part(4), '.dkr.ecr.', part(3), '.', { Ref: 'AWS::URLSuffix' }]] });
  });

  test.each(HERE_BY)('%s is not in the template', (_, load) => {
    const stack = newStack({ env: HERE });
    load(stack);

    expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
  });
});

describe('a wrong import is rejected with path, property, value and fix:', () => {
  test.each<[string, unknown]>([
    ['a name', 'web'], ['another service', 'arn:aws:s3:::web'], ['no account', 'arn:aws:ecr:eu-west-1::repository/web'], ['an account too short', arn('11112222333', 'eu-west-1')],
    ['no name', 'arn:aws:ecr:eu-west-1:111122223333:repository/'], ['no repository', 'arn:aws:ecr:eu-west-1:111122223333:web'], ['a public one', 'arn:aws:ecr-public::111122223333:repository/web'],
    ['a token', Fn.importValue('Arn')], ['a token inside', arn(Aws.ACCOUNT_ID, 'eu-west-1')], ['none', undefined], ['null', null], ['a number', 1], ['a list', ['a']],
  ])('an ARN that is %s', (_, value) => {
    expect(messageOf(() => ImageRepository.fromRepositoryArn(newStack(), 'Repository', wrong(value)))).toMatch(told('repositoryArn'));
  });

  test.each([undefined, null, 1, '', 'Web', 'web:v1', 'web/', `${HERE.account}.dkr.ecr.eu-west-1.amazonaws.com/web`])('the name %j', name => {
    expect(messageOf(() => ImageRepository.fromRepositoryName(newStack(), 'Repository', wrong(name)))).toMatch(told('repositoryName'));
  });

  test.each(['Web', 'web..app', 'w'])('an ARN with the name %j', name => {
    expect(messageOf(() => ImageRepository.fromRepositoryArn(newStack(), 'Repository', arn(HERE.account, HERE.region, name)))).toMatch(told('repositoryName'));
  });
});

test.each(['arn:aws-cn:ecr:cn-north-1:111122223333:repository/web', 'arn:aws-us-gov:ecr:us-gov-west-1:111122223333:repository/web', arn(HERE.account, HERE.region, 'a/b__c--d')])(
  'but not the ARN %s', value => {
    expect(messageOf(() => ImageRepository.fromRepositoryArn(newStack(), 'Repository', value))).toBe('accepted');
  },
);
