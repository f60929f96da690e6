import { Lazy, Stack } from 'aws-cdk-lib';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Exposure, FargateService } from '../../../../src';
import { newCluster, newStack } from '../../../helpers/stack';
import { messageOf, told } from '../../../helpers/wrong-input';

const containers = { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } };

/** Two services in one namespace. */
function both(one: Exposure, other: Exposure): string {
  const stack = newStack();
  const cluster = newCluster(stack) as Cluster;
  cluster.addDefaultCloudMapNamespace({ name: 'internal' });
  new FargateService(stack, 'One', { cluster, containers, exposure: one });
  return messageOf(() => new FargateService(stack, 'Other', { cluster, containers, exposure: other }));
}

test.each<[string, Exposure, Exposure]>([
  ['that Cloud Map has, but for capitals', Exposure.cloudMap({ name: 'web' }), Exposure.cloudMap({ name: 'Web' })],
  ['that Service Connect has', Exposure.serviceConnect({ discoveryName: 'api' }), Exposure.cloudMap({ name: 'api' })],
])('a name %s is reported as already in use', (_, one, other) => {
  const message = both(one, other);
  expect(message).toMatch(told('exposure.name'));
  expect(message).toContain('must differ from the name of Stack/One/Exposure in the same namespace');
});

test('two services with the same container name need different names in Service Connect', () => {
  expect(both(Exposure.serviceConnect(), Exposure.serviceConnect())).toMatch(told('exposure.discoveryName'));
  expect(both(Exposure.serviceConnect(), Exposure.serviceConnect({ discoveryName: 'other' }))).toBe('accepted');
  expect(both(Exposure.serviceConnect({ dnsName: 'one' }), Exposure.serviceConnect({ dnsName: 'two' }))).toBe('accepted');
  expect(both(Exposure.serviceConnect({ dnsName: 'one.a' }), Exposure.serviceConnect({ dnsName: 'two.a' }))).toMatch(told('exposure.discoveryName'));
});

test('but different names and tokens are accepted', () => {
  expect(both(Exposure.cloudMap({ name: 'web' }), Exposure.cloudMap({ name: 'api' }))).toBe('accepted');
  const later = () => Exposure.cloudMap({ name: Lazy.string({ produce: () => 'web' }) });
  expect(both(later(), later())).toBe('accepted');
});

test('but the same name in another namespace is accepted', () => {
  const stack = newStack();
  const cluster = newCluster(stack);
  const inNamespace = (id: string) => () => new FargateService(stack, `${id}Service`, {
    cluster, containers, exposure: Exposure.cloudMap({ name: 'web', namespace: new PrivateDnsNamespace(stack, id, { name: `${id}.internal`, vpc: cluster.vpc }) }),
  });
  expect(messageOf(inNamespace('one'))).toBe('accepted');
  expect(messageOf(inNamespace('two'))).toBe('accepted');
});

test('and a namespace that is imported in two stacks counts as one', () => {
  const app = newStack().node.root;
  const inStack = (id: string) => () => {
    const stack = new Stack(app, id);
    const cluster = newCluster(stack);
    const namespace = PrivateDnsNamespace.fromPrivateDnsNamespaceAttributes(stack, 'Namespace', {
      namespaceId: 'ns-1', namespaceName: 'internal', namespaceArn: 'arn:aws:servicediscovery:eu-west-1:111111111111:namespace/ns-1',
    });
    return new FargateService(stack, 'Service', { cluster, containers, exposure: Exposure.cloudMap({ name: 'web', namespace }) });
  };
  expect(messageOf(inStack('One'))).toBe('accepted');
  expect(messageOf(inStack('Two'))).toContain('must differ from the name of One/Service/Exposure');
});
