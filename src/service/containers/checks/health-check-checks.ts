import { Token } from 'aws-cdk-lib';
import { HealthCheck } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkDuration } from './duration-checks';
import { checkList, checkObject } from '../../../private/check-types';
import { checkInteger, checkPattern, reject } from '../../../private/validation';

const FIX = 'Write healthCheck: { command: [\'CMD\', \'/healthy\'] }, or leave it out.';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
export function checkHealthCheck(scope: IConstruct, property: string, healthCheck: HealthCheck): void {
  checkObject(scope, property, healthCheck, FIX);
  checkCommand(scope, `${property}.command`, healthCheck.command);
  const { interval, timeout, startPeriod, retries } = healthCheck;
  checkDuration(scope, `${property}.interval`, interval, { min: 5, max: 300 });
  checkDuration(scope, `${property}.timeout`, timeout, { min: 2, max: 60 });
  checkDuration(scope, `${property}.startPeriod`, startPeriod, { min: 0, max: 300 });
  if (retries !== undefined) {
    checkInteger(scope, { property: `${property}.retries`, value: retries, min: 1, max: 10, fix: 'Give a number within these limits of ECS.' });
  }
}

function checkCommand(scope: IConstruct, property: string, command: string[]): void {
  if (Token.isUnresolved(command)) return;
  checkList(scope, property, command, FIX);
  command.forEach(value => checkPattern(scope, { property, value: value as string, pattern: /^/, must: 'be a list of texts', fix: FIX }));
  const [kind, ...words] = command as string[];
  if (kind === undefined || kind === 'NONE' || (['CMD', 'CMD-SHELL'].includes(kind) && words.length === 0)) {
    reject(scope, { property, must: 'have something to run', got: command, fix: FIX });
  }
  if (kind === 'CMD-SHELL' && words.length > 1) {
    reject(scope, {
      property, must: 'have one text after "CMD-SHELL", because the shell runs no more than that', got: command,
      fix: 'Write [\'CMD-SHELL\', \'curl -f http://localhost/\'], or use \'CMD\'.',
    });
  }
}
