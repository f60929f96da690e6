import { Aws, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { IImageRepository, ImageRepository } from '../../src';
import { Match, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const HERE = { account: '111122223333', region: 'eu-west-1' };
const arn = (account: string, region: string) => `arn:aws:ecr:${region}:${account}:repository/team/web`;

type Making = [string, (stack: Stack) => IImageRepository, unknown];
const REPOSITORIES: Making[] = [
  ['a repository', stack => new ImageRepository(stack, 'Repository'), { Ref: Match.stringLikeRegexp('^Repository') }],
  ['an imported repository', stack => ImageRepository.fromRepositoryArn(stack, 'Repository', arn(HERE.account, HERE.region)), 'team/web'],
  ['a repository whose name is a token', stack => ImageRepository.fromRepositoryName(stack, 'Repository', new CfnParameter(stack, 'Name').valueAsString), { Ref: 'Name' }],
];

describe.each(REPOSITORIES)('%s', (_, make, name) => {
  test('counts the pulls of the repository, for an alarm', () => {
    const stack = newStack({ env: HERE });
    new Alarm(stack, 'Unused', {
      metric: make(stack).metricPullCount({ period: Duration.days(1) }),
      threshold: 1, evaluationPeriods: 7, comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    });

    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/ECR', MetricName: 'RepositoryPullCount', Dimensions: [{ Name: 'RepositoryName', Value: name }], Statistic: 'Sum', Period: 86400,
    });
  });

  test('returns every metric that CloudWatch has for the repository', () => {
    const stack = newStack();
    const metric = make(stack).metric('RepositoryPushCount', { statistic: Stats.MAXIMUM, label: 'pushed' });

    expect(stack.resolve(metric.toMetricConfig().metricStat)).toMatchObject({ namespace: 'AWS/ECR', metricName: 'RepositoryPushCount', statistic: 'Maximum' });
    expect(metric.label).toBe('pushed');
  });
});

describe('a metric', () => {
  const pulls = (stack: Stack, account: string, region: string) =>
    ImageRepository.fromRepositoryAttributes(stack, 'Repository', { repositoryName: 'team/web', repositoryArn: arn(account, region) }).metricPullCount();

  test('has the statistic that you give', () => {
    expect(new ImageRepository(newStack(), 'Repository').metricPullCount({ statistic: 'Average' }).statistic).toBe('Average');
  });

  test('of a repository of another account or region has this account and region', () => {
    expect(pulls(newStack({ env: HERE }), '444455556666', 'us-east-1')).toMatchObject({ account: '444455556666', region: 'us-east-1' });
  });

  test('has no account and region if they are those of the stack, or unknown', () => {
    for (const { account, region } of [pulls(newStack({ env: HERE }), HERE.account, HERE.region), pulls(newStack(), Aws.ACCOUNT_ID, Aws.REGION)]) {
      expect([account, region]).toEqual([undefined, undefined]);
    }
  });
});

describe('a wrong metric is rejected with path, property, value and fix:', () => {
  const repository = () => new ImageRepository(newStack(), 'Repository');

  test.each([undefined, null, '', 1, {}])('the name %j', name => {
    expect(messageOf(() => repository().metric(wrong(name)))).toMatch(told('metricName'));
  });

  test.each([null, 'Sum', 1, []])('the options %j', options => {
    expect(messageOf(() => repository().metric('RepositoryPullCount', wrong(options)))).toMatch(told('options'));
    expect(messageOf(() => repository().metricPullCount(wrong(options)))).toMatch(told('options'));
  });
});
