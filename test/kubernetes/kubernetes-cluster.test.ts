import { App, Stack } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import * as eks from 'aws-cdk-lib/aws-eks';
import * as eks_v2 from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';
import { KubernetesCluster, KubernetesService } from '../../src';
import { newStack } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const web = { image: ContainerImage.fromRegistry('nginx'), port: 80 };
const serve = (scope: Construct, cluster: KubernetesCluster) => messageOf(() => new KubernetesService(scope, 'Service', { cluster, containers: { web } }));

describe('a cluster without kubectl is rejected, and the message says how to add it:', () => {
  test.each<[string, (stack: Stack) => KubernetesCluster, string]>([
    ['imported', stack => KubernetesCluster.eks(eks.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'team' })), 'eks.Cluster.fromClusterAttributes('],
    ['imported with eks-v2', stack => KubernetesCluster.eksV2(eks_v2.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'team' })), 'kubectlProvider'],
    ['made with eks-v2', stack => KubernetesCluster.eksV2(new eks_v2.Cluster(stack, 'Cluster', { version: eks_v2.KubernetesVersion.V1_33 })), 'kubectlProviderOptions'],
    ['of the other module', stack => KubernetesCluster.eksV2(wrong(eks.Cluster.fromClusterAttributes(stack, 'Cluster', {
      clusterName: 'team', kubectlRoleArn: 'arn:aws:iam::111111111111:role/kubectl',
    }))), 'use KubernetesCluster.eks'],
    ['none at all', () => KubernetesCluster.eksV2(wrong(null)), 'Use KubernetesCluster.eks('],
  ])('%s', (_, clusterOf, cure) => {
    const stack = newStack();
    const message = serve(stack, clusterOf(stack));
    expect(message).toMatch(told('cluster'));
    expect(message).toContain(cure);
  });
});

test('an imported cluster with a kubectl role is accepted, as in CDK', () => {
  const stack = newStack();
  const cluster = eks.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'team', kubectlRoleArn: 'arn:aws:iam::111111111111:role/kubectl' });
  expect(serve(stack, KubernetesCluster.eks(cluster))).toBe('accepted');
});

test('an app instead of the stack is rejected', () => {
  expect(serve(new App(), KubernetesCluster.eks(wrong({})))).toMatch(/^Service: 'scope' must be a stack/);
});
