import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';
import { checkLogGroup } from '../containers/checks/logging-checks';

/** How the logs of a service are kept. */
export interface ServiceLogsProps {
  readonly logGroup?: ILogGroup;
  readonly logRetention?: RetentionDays;
  readonly logEncryptionKey?: IKey;
}

/** Where the containers of a service write to: what the user gave, or a log group of its own. */
export function logGroupOf(scope: Construct, id: string, { logGroup, logRetention, logEncryptionKey }: ServiceLogsProps): ILogGroup {
  if (logGroup !== undefined) return logGroup;
  if (logEncryptionKey !== undefined) allowLogs(scope, logEncryptionKey);
  return new LogGroup(scope, id, { retention: logRetention ?? RetentionDays.ONE_MONTH, encryptionKey: logEncryptionKey });
}

/** What CloudWatch Logs would refuse, and what would be forgotten. */
export function checkLogs(scope: IConstruct, props: ServiceLogsProps): void {
  const { logGroup, logRetention, logEncryptionKey } = props;
  if (logGroup !== undefined) {
    checkLogGroup(scope, 'logGroup', logGroup, 'Give a LogGroup, or leave it out for one of its own.');
    for (const property of ['logRetention', 'logEncryptionKey'] as const) {
      if (props[property] !== undefined) {
        reject(scope, {
          property, must: 'be left out with \'logGroup\', whose own settings hold', got: props[property], fix: 'Set it where the log group is made, or leave out logGroup.',
        });
      }
    }
  }
  const days = Object.values(RetentionDays).filter(value => typeof value === 'number');
  if (logRetention !== undefined && !Token.isUnresolved(logRetention) && !days.includes(logRetention)) {
    reject(scope, {
      property: 'logRetention', must: 'be a number of days that CloudWatch Logs offers', got: logRetention,
      fix: 'Use one of RetentionDays, e.g. RetentionDays.ONE_MONTH.',
    });
  }
  if (logEncryptionKey !== undefined && !hasMethods(logEncryptionKey, 'addToResourcePolicy')) {
    reject(scope, { property: 'logEncryptionKey', must: 'be a KMS key', got: logEncryptionKey, fix: 'Make one, e.g. new kms.Key(this, \'Key\'), or leave it out.' });
  }
}

/**
 * CDK does not do it, and without it CloudFormation cannot create the log group. Not limited to this log group: its policy is
 * part of the key, which is there before it.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
function allowLogs(scope: IConstruct, key: IKey): void {
  const stack = Stack.of(scope);
  const logGroups = stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  key.addToResourcePolicy(new PolicyStatement({
    principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
  }));
}
