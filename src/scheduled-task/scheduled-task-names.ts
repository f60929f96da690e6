import type { ScheduledEc2TaskProps } from './scheduled-ec2-task';
import type { ScheduledFargateTaskProps } from './scheduled-fargate-task';
import { NamesOf } from '../private/spelling';

/** The properties of scheduled tasks of both kinds. */
export const SCHEDULED_TASK_NAMES: NamesOf<ScheduledEc2TaskProps> & NamesOf<ScheduledFargateTaskProps> = {
  capacity: true, size: true, cpuArchitecture: true, platformVersion: true, assignPublicIp: true, ephemeralStorage: true, cluster: true,
  containers: true, schedule: true, timeWindow: true, start: true, end: true, enabled: true, retryAttempts: true, maxEventAge: true,
  deadLetterQueue: true, vpcSubnets: true, securityGroups: true, family: true, taskRole: true, executionRole: true, pidMode: true,
  logGroup: true, logRetention: true, logEncryptionKey: true, imageCheck: true,
};
