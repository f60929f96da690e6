import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Cluster, KubectlProvider } from 'aws-cdk-lib/aws-eks-v2';
import { ImageRepository, ImageSource, KubernetesCluster, KubernetesExposure, KubernetesService } from 'cdk-container-delivery';

/** Containers on an existing EKS cluster: a mirrored image and a public sidecar. */
export const app = new App();
const stack = new Stack(app, 'Kubernetes');

const kubectlProvider = KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', {
  serviceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:kubectl',
});
const cluster = KubernetesCluster.eksV2(Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'team', kubectlProvider }));
const image = new ImageRepository(stack, 'Repository').publish('nginx', ImageSource.registry('public.ecr.aws/nginx/nginx:1.27'));

const service = new KubernetesService(stack, 'Service', {
  cluster,
  replicas: 2,
  containers: {
    web: { image, memoryLimitMiB: 128, cpu: 256, port: 80 },
    cache: { image: ContainerImage.fromRegistry('public.ecr.aws/docker/library/redis:7'), memoryLimitMiB: 64 },
  },
  readiness: { path: '/' },
  exposure: KubernetesExposure.internalLoadBalancer(),
});
new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
