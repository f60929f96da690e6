import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { SubnetSelection, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { FargateService, TaskVolume } from '../../../src';

/** The warnings for a file system with mount targets in some subnets, and a service in others. */
function warningsFor(mounted: SubnetSelection | undefined, tasks?: SubnetSelection, { otherStack = false } = {}): string[] {
  const app = new App();
  const stack = new Stack(app, 'Stack', { env: { region: 'eu-west-1', account: '111111111111' } });
  const network = otherStack ? new Stack(app, 'Network', { env: { region: 'eu-west-1', account: '111111111111' } }) : stack;
  const vpc = new Vpc(network, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const files = new FileSystem(network, 'Files', { vpc, vpcSubnets: mounted && { ...mounted } });
  new FargateService(stack, 'Service', {
    cluster: new Cluster(stack, 'Cluster', { vpc }), vpcSubnets: tasks,
    containers: { web: { image: ContainerImage.fromRegistry('nginx'), volumes: { '/data': TaskVolume.efs('data', files) } } },
  });
  return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('mount target')).map(({ entry }) => String(entry.data));
}

const ZONES = ['dummy1a', 'dummy1b'];

test('tasks in a zone without a mount target cause a warning', () => {
  const [message, ...others] = warningsFor({ availabilityZones: [ZONES[0]] });
  expect(message).toContain("The file system of the volume 'data' has no mount target in 1 of the availability zones of the tasks, so tasks there fail to start.");
  expect(others).toEqual([]);
});

test('the warning also appears for a file system and a VPC of another stack', () => {
  expect(warningsFor({ availabilityZones: [ZONES[0]] }, undefined, { otherStack: true })).toHaveLength(1);
});

test.each<[string, SubnetSelection | undefined, SubnetSelection | undefined]>([
  ['a mount target in each zone', undefined, undefined],
  ['mount targets in other subnets of the same zones', { subnetType: SubnetType.PUBLIC }, undefined],
  ['tasks in the zone of the only mount target', { availabilityZones: [ZONES[0]] }, { availabilityZones: [ZONES[0]] }],
])('%s causes no warning', (_, mounted, tasks) => {
  expect(warningsFor(mounted, tasks)).toEqual([]);
});
