import type { Ec2ServiceProps } from './ec2-service-props';
import type { FargateServiceProps } from './fargate-service-props';
import type { ManagedInstancesServiceProps } from './managed-instances-service-props';
import { NamesOf } from '../private/spelling';

/** The properties of services of all kinds. */
export const SERVICE_NAMES: NamesOf<Ec2ServiceProps> & NamesOf<FargateServiceProps> & NamesOf<ManagedInstancesServiceProps> = {
  size: true, capacity: true, placement: true, cpuArchitecture: true, platformVersion: true, assignPublicIp: true, ephemeralStorage: true,
  cluster: true, containers: true, serviceName: true, desiredCount: true, scaling: true, exposure: true, deployment: true,
  enableExecuteCommand: true, vpcSubnets: true, securityGroups: true, family: true, taskRole: true, executionRole: true, pidMode: true,
  logGroup: true, logRetention: true, logEncryptionKey: true, imageCheck: true,
};
