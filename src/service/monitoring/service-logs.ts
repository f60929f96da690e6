import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { checkValue, InstanceRule } from '../../private/shape';
import { reject } from '../../private/validation';
import { LOG_GROUP } from '../containers/container-logging';

/** The log settings of a service. */
export interface ServiceLogsProps {
  readonly logGroup?: ILogGroup;
  readonly logRetention?: RetentionDays;
  readonly logEncryptionKey?: IKey;
}

const LOG_KEY: InstanceRule = {
  kind: 'instance', same: ['region'], methods: ['addToResourcePolicy'], must: 'be a KMS key', fix: 'Use e.g. new kms.Key(this, \'Key\'), or leave it out.',
};

/** The log group of the containers: the user's, or a new one. */
export function logGroupOf(scope: Construct, id: string, { logGroup, logRetention, logEncryptionKey }: ServiceLogsProps): ILogGroup {
  if (logGroup !== undefined) return logGroup;
  if (logEncryptionKey !== undefined) allowLogs(scope, logEncryptionKey);
  return new LogGroup(scope, id, { retention: logRetention ?? RetentionDays.ONE_MONTH, encryptionKey: logEncryptionKey });
}

/** Rejects settings that CloudWatch Logs rejects or that would be ignored. */
export function checkLogs(scope: IConstruct, props: ServiceLogsProps): void {
  const { logGroup, logRetention, logEncryptionKey } = props;
  if (logGroup !== undefined) {
    checkValue(scope, 'logGroup', logGroup, LOG_GROUP);
    for (const property of ['logRetention', 'logEncryptionKey'] as const) {
      if (props[property] !== undefined) {
        reject(scope, {
          property, must: 'be left out if \'logGroup\' is set, which has its own settings', got: props[property], fix: 'Set it on the log group, or leave logGroup out.',
        });
      }
    }
  }
  const days = Object.values(RetentionDays).filter(value => typeof value === 'number');
  if (logRetention !== undefined && !Token.isUnresolved(logRetention) && !days.includes(logRetention)) {
    reject(scope, {
      property: 'logRetention', must: 'be a retention period that CloudWatch Logs supports', got: logRetention,
      fix: 'Use a member of RetentionDays, e.g. RetentionDays.ONE_MONTH.',
    });
  }
  checkValue(scope, 'logEncryptionKey', logEncryptionKey, LOG_KEY);
}

/**
 * Allows CloudWatch Logs to use the key, which CDK does not do. Otherwise, CloudFormation cannot create the log group. The statement is not limited
 * to this log group, because the key is created first. Unlike most service principals, this one ends with the domain of the partition.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
function allowLogs(scope: IConstruct, key: IKey): void {
  const stack = Stack.of(scope);
  const logGroups = stack.formatArn({ service: 'logs', resource: 'log-group', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  key.addToResourcePolicy(new PolicyStatement({
    principals: [new ServicePrincipal(`logs.${stack.region}.${stack.urlSuffix}`)],
    actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
  }));
}
