import { IVpc, SelectedSubnets, SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { taskSubnets } from './task-subnets';
import { checkOneOf } from '../../private/check-types';

/** Where the network interfaces of tasks are. */
export interface TaskNetwork {
  readonly subnets: SelectedSubnets;
  /** Only Fargate gives public addresses, and only there may it be said. */
  readonly assignPublicIp?: boolean;
}

/** What users say of it on Fargate. */
export interface FargateNetworkProps {
  readonly vpcSubnets?: SubnetSelection;
  readonly assignPublicIp?: boolean;
}

/** On Fargate, tasks have public addresses in public subnets, where they could not pull their image without one, unless it is said otherwise. */
export function fargateNetwork(scope: IConstruct, vpc: IVpc, { vpcSubnets, assignPublicIp }: FargateNetworkProps): TaskNetwork {
  checkOneOf(scope, assignPublicIp, [undefined, true, false], {
    property: 'assignPublicIp', must: 'be true or false', fix: 'Write assignPublicIp: true, or leave it out to have it chosen by the subnets.',
  });
  // As in CDK: whoever wants public addresses, and names no subnets, means the public ones.
  const subnets = taskSubnets(scope, vpc, vpcSubnets ?? (assignPublicIp ? { subnetType: SubnetType.PUBLIC } : undefined));
  return { subnets, assignPublicIp: assignPublicIp ?? subnets.hasPublic };
}

/** ECS gives tasks on instances no public addresses, in whatever subnet. */
export function instancesNetwork(scope: IConstruct, vpc: IVpc, vpcSubnets: SubnetSelection | undefined): TaskNetwork {
  return { subnets: taskSubnets(scope, vpc, vpcSubnets) };
}
