import { App, Stack } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import * as eks_v2 from 'aws-cdk-lib/aws-eks-v2';
import { KubernetesCluster, KubernetesService } from '../../src';
import { newStack } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

test('two services with one name are rejected in one namespace of a cluster, and accepted in two', () => {
  const stack = newStack();
  const kubectlProvider = eks_v2.KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', {
    serviceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:kubectl',
  });
  const cluster = KubernetesCluster.eksV2(eks_v2.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'team', kubectlProvider }));
  const add = (id: string, namespace: string) => new KubernetesService(stack, id, {
    cluster, containers: { web: { image: ContainerImage.fromRegistry('nginx') } }, serviceName: 'web', namespace,
  });

  expect(add('One', 'shop').serviceName).toBe(add('Two', 'blog').serviceName);
  expect(messageOf(() => add('Three', 'shop'))).toMatch(/'serviceName' must differ from that of Stack\/One in the same namespace, got "web"/);
});

test('two services with one name are rejected in one cluster that two stacks import', () => {
  const app = new App();
  const add = (id: string, clusterName = 'team', env = { account: '111111111111', region: 'eu-west-1' }) => {
    const stack = new Stack(app, id, { env });
    const kubectlProvider = eks_v2.KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', {
      serviceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:kubectl',
    });
    return messageOf(() => new KubernetesService(stack, 'Web', {
      cluster: KubernetesCluster.eksV2(eks_v2.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName, kubectlProvider })),
      containers: { web: { image: ContainerImage.fromRegistry('nginx') } }, serviceName: 'web',
    }));
  };

  expect(add('One')).toBe('accepted');
  expect(add('Other', 'another')).toBe('accepted');
  expect(add('Region', 'team', { account: '111111111111', region: 'us-east-1' })).toBe('accepted');
  expect(add('Two')).toBe('Two/Web: \'serviceName\' must differ from that of One/Web in the same namespace, got "web". Choose another, or leave it out.');
});
