import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import * as eks_v2 from 'aws-cdk-lib/aws-eks-v2';
import { KubernetesCluster, KubernetesService } from '../../src';
import { newStack } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

test('two services of one name are refused in one namespace of a cluster, and taken in two', () => {
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
