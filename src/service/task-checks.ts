import { Token } from 'aws-cdk-lib';
import { PidMode } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkLogs } from './monitoring/service-logs';
import { TaskProps } from './task-props';
import { checkImageCheck } from '../image-check/image-check';
import { checkOneOf, hasMethods, isObject } from '../private/check-types';
import { checkPattern, reject } from '../private/validation';

/** What AWS would refuse of what every task has. */
export function checkTask(scope: IConstruct, props: TaskProps): void {
  checkEcsName(scope, 'family', props.family);
  checkRole(scope, 'taskRole', props.taskRole);
  checkRole(scope, 'executionRole', props.executionRole);
  if (!Token.isUnresolved(props.pidMode)) {
    checkOneOf(scope, props.pidMode, [undefined, ...Object.values(PidMode)], {
      property: 'pidMode', must: 'be a PidMode', fix: 'Use ecs.PidMode.TASK, or leave it out.',
    });
  }
  checkLogs(scope, props);
  checkImageCheck(scope, props.imageCheck);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
export function checkEcsName(scope: IConstruct, property: string, value: string | undefined): void {
  if (value === undefined) return;
  checkPattern(scope, {
    property, value, pattern: /^[A-Za-z0-9_-]{1,255}$/, must: 'have 1 to 255 letters, digits, "-" or "_"', fix: 'Choose a name such as "web", or leave it out.',
  });
}

function checkRole(scope: IConstruct, property: string, role: unknown): void {
  if (role !== undefined && !(isObject(role) && typeof role.roleArn === 'string' && hasMethods(role, 'addToPrincipalPolicy', 'grantPassRole'))) {
    reject(scope, {
      property, must: 'be a role', got: role, fix: 'Give an iam.Role, or one that exists: iam.Role.fromRoleName(this, \'Role\', \'name\').',
    });
  }
}
