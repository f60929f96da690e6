import * as path from 'path';
import { App, Stack, StackProps } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { IVpc, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ICluster } from 'aws-cdk-lib/aws-ecs';

/** A folder with a Dockerfile. */
export const APP = path.join(__dirname, '..', 'fixtures', 'app');

/** An empty stack named `Stack` in its own app. */
export function newStack(props: StackProps = {}): Stack {
  // The file for the tree view of the console takes a sixth of the time of a synthesis.
  return new Stack(new App({ treeMetadata: false }), 'Stack', props);
}

/** A VPC with public and private subnets in two zones. It is imported, because the 25 resources of a new one take half the time of a test. */
export function existingVpc(stack: Stack): IVpc {
  const [one, two] = stack.availabilityZones;
  return Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-12345', vpcCidrBlock: '10.0.0.0/16', availabilityZones: [one, two],
    publicSubnetIds: ['subnet-public1', 'subnet-public2'], publicSubnetRouteTableIds: ['rtb-public1', 'rtb-public2'],
    privateSubnetIds: ['subnet-private1', 'subnet-private2'], privateSubnetRouteTableIds: ['rtb-private1', 'rtb-private2'],
  });
}

/** A cluster in an imported VPC with public and private subnets. */
export function newCluster(stack: Stack): ICluster {
  return new Cluster(stack, 'Cluster', { vpc: existingVpc(stack) });
}

/** A cluster in a new VPC with public and private subnets, for tests that depend on its resources. */
export function newClusterAndVpc(stack: Stack): ICluster {
  return new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }) });
}

/** A cluster in a VPC without a NAT gateway. */
export function newPublicCluster(stack: Stack): ICluster {
  const vpc = new Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }],
  });
  return new Cluster(stack, 'Cluster', { vpc });
}

/** The parts of a joined string, with every token written as its intrinsic function. */
export function flatten(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const [[name, argument]] = Object.entries(value as Record<string, unknown>);
  switch (name) {
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(flatten).join(separator);
    }
    case 'Fn::GetAtt': return `\${${(argument as string[]).join('.')}}`;
    case 'Ref': return `\${${argument as string}}`;
    default: return `\${${name}}`;
  }
}

/** The image of the first container of the only task definition. */
export function imageOfTask(template: Template): string {
  const [task] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  return flatten(task.Properties.ContainerDefinitions[0].Image);
}

/** Matches an image of the user's repository that is named by the digest of the copy, with `@`. */
export const BY_DIGEST = /\$\{Repository[0-9A-F]{8}\}@sha256:\$\{RepositoryImages\w+\.DigestHex\}$/;

/** Matches the prefix of the live tags of an image: its id, and its publisher. */
export function liveTagsOf(id: string): RegExp {
  return new RegExp(`^live-${id}\\.[0-9a-f]{8}\\.$`);
}

/** The lifecycle rules of the only repository. */
export function policyRulesOf(template: Template): { description: string; selection: Record<string, unknown> }[] {
  const [repository] = Object.values(template.findResources('AWS::ECR::Repository'));
  return JSON.parse(repository.Properties.LifecyclePolicy.LifecyclePolicyText).rules;
}

export { Match, Template };
