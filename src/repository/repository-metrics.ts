import { Token } from 'aws-cdk-lib';
import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { checkObject } from '../private/check-types';
import { checkPattern } from '../private/validation';

/** A metric of one repository, in the account and region that the repository is in. */
export function repositoryMetric(repository: IRepository, metricName: string, options: MetricOptions): Metric {
  checkPattern(repository, { property: 'metricName', value: metricName, pattern: /./, must: 'be a text', fix: 'Give the name of a metric of AWS/ECR.' });
  checkObject(repository, 'options', options);
  const { repositoryName, env, stack } = repository;
  return new Metric({
    namespace: 'AWS/ECR',
    metricName,
    dimensionsMap: { RepositoryName: repositoryName },
    account: elsewhere(env.account, stack.account),
    region: elsewhere(env.region, stack.region),
    ...options,
  });
}

/** What is not known, or goes without saying, would only be in the way of an alarm. */
function elsewhere(own: string, ofStack: string): string | undefined {
  return Token.isUnresolved(own) || own === ofStack ? undefined : own;
}
