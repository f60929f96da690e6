import type { Ec2RunOnceProps } from './ec2-run-once';
import type { RunOnceProps } from './run-once';
import { NamesOf } from '../private/spelling';

/** The properties of one-off tasks of both kinds. */
export const RUN_ONCE_NAMES: NamesOf<Ec2RunOnceProps> & NamesOf<RunOnceProps> = {
  size: true, cpuArchitecture: true, platformVersion: true, assignPublicIp: true, ephemeralStorage: true, cluster: true, containers: true,
  timeout: true, failureLogs: true, vpcSubnets: true, securityGroups: true, family: true, taskRole: true, executionRole: true, pidMode: true,
  logGroup: true, logRetention: true, logEncryptionKey: true, imageCheck: true,
};
