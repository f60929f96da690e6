import { IConstruct } from 'constructs';
import { checkBindable, checkObject, hasMethods, isObject } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';
import type { CloudWatchLoggingOptions } from '../container-logging';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export function checkLogging(scope: IConstruct, property: string, options: CloudWatchLoggingOptions): void {
  checkObject(scope, property, options, 'Give options in brackets, or nothing: ContainerLogging.toCloudWatch().');
  const { logGroup, streamPrefix, multilinePattern, delivery } = options;
  if (logGroup !== undefined) {
    checkLogGroup(scope, `${property}.logGroup`, logGroup, 'Give a LogGroup, or leave it out for the one of the service.');
  }
  if (streamPrefix !== undefined) {
    // ECS adds the name of the container and the id of the task, and a stream has 512 characters.
    checkPattern(scope, {
      property: `${property}.streamPrefix`, value: streamPrefix, pattern: /^[^:*]{1,200}$/,
      must: 'have 1 to 200 characters, none of them ":" or "*"', fix: 'Give a text such as "web", or leave it out.',
    });
  }
  if (multilinePattern !== undefined) {
    checkPattern(scope, {
      property: `${property}.multilinePattern`, value: multilinePattern, pattern: /./,
      must: 'be a regular expression', fix: 'Give what entries begin with, e.g. "^\\d{4}-", or leave it out.',
    });
  }
  if (delivery !== undefined) {
    if (!hasMethods(delivery, '_check', '_render')) {
      reject(scope, {
        property: `${property}.delivery`, must: 'be a LogDelivery', got: delivery, fix: 'Make one with brackets, e.g. LogDelivery.nonBlocking().',
      });
    }
    delivery._check(scope, `${property}.delivery`);
  }
}

export function checkLogGroup(scope: IConstruct, property: string, logGroup: unknown, fix: string): void {
  if (!isObject(logGroup) || typeof logGroup.logGroupName !== 'string' || !hasMethods(logGroup, 'grant', 'grantWrite')) {
    reject(scope, { property, must: 'be a log group', got: logGroup, fix });
  }
}

export function checkDriver(scope: IConstruct, property: string, driver: unknown): void {
  checkBindable(scope, driver, {
    property, must: 'be a log driver', fix: 'Give one of ecs.LogDrivers, e.g. ContainerLogging.to(ecs.LogDrivers.splunk({ … })).',
  });
}
