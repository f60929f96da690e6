import { Duration } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { OneOffEc2Task, FailureLogs, OneOffFargateTask } from '../../src';
import { newCluster, newStack } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const containers = { migrate: { image: ContainerImage.fromRegistry('migrations') } };

describe.each([['OneOffFargateTask', OneOffFargateTask], ['OneOffEc2Task', OneOffEc2Task]])('wrong types from JavaScript are reported with path, property, rule, value and fix, never with a TypeError: %s', (_, Kind) => {
  test.each([undefined, null, 'x', []])('with the properties %j', props => {
    expect(messageOf(() => new Kind(newStack(), 'Migrate', wrong(props)))).toMatch(told('props'));
  });

  test.each<[string, unknown]>([
    ['cluster', undefined], ['cluster', null], ['cluster', 'main'], ['cluster', { vpc: {} }], ['containers', undefined], ['containers', null],
    ['timeout', null], ['timeout', 30], ['timeout', '30m'], ['timeout', Duration], ['timeout', Duration.minutes],
    ['failureLogs', null], ['failureLogs', 'none'], ['failureLogs', true], ['failureLogs', FailureLogs.none], ['failureLogs', FailureLogs],
    ['vpcSubnets', null], ['vpcSubnets', 'public'], ['vpcSubnets', []], ['logRetention', 'a week'], ['logRetention', 2], ['logEncryptionKey', 'alias/key'],
    ['securityGroups', null], ['securityGroups', 'sg-1'], ['securityGroups', {}],
    ['securityGroups', []], ['logRetention', 17], ['logRetention', 'x'], ['vpcSubnets', { subnetGroupName: 'x' }],
  ])('with wrong %s: %p', (property, value) => {
    const stack = newStack();
    const usual = { cluster: newCluster(stack), containers };
    expect(messageOf(() => new Kind(stack, 'Migrate', wrong({ ...usual, [property]: value })))).toMatch(told(property));
  });

  test.each([null, 'all', 2.5, NaN])('with a log of %p lines', lines => {
    const stack = newStack();
    const props = { cluster: newCluster(stack), containers, failureLogs: FailureLogs.lastLines(wrong(lines)) };
    expect(messageOf(() => new Kind(stack, 'Migrate', props))).toMatch(told('failureLogs.lines'));
  });

  test.each([undefined, null, 'database', {}])('after %j', dependency => {
    const stack = newStack();
    const migrate = new Kind(stack, 'Migrate', { cluster: newCluster(stack), containers });
    expect(messageOf(() => migrate.executeAfter(wrong(dependency)))).toMatch(told('dependencies[0]'));
  });

  test.each([undefined, null, 'web', {}, { ecsService: {} }])('before %j', service => {
    const stack = newStack();
    const migrate = new Kind(stack, 'Migrate', { cluster: newCluster(stack), containers });
    expect(messageOf(() => migrate.executeBefore(wrong(service)))).toMatch(told('service'));
  });
});

test.each(['x', null, {}])('a size that is %j', size => {
  const stack = newStack();
  expect(messageOf(() => new OneOffFargateTask(stack, 'Migrate', wrong({ cluster: newCluster(stack), containers, size })))).toMatch(told('size'));
});
