import { App, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster, KubectlProvider } from 'aws-cdk-lib/aws-eks-v2';
import { Architecture, DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import * as library from '../src';
import { secondCopy } from './helpers/second-copy';
import { APP, flatten, newCluster, newStack, Template } from './helpers/stack';

const other = secondCopy();
const CHECK = 'Custom::ContainerImageCheck';

/** An image of one copy of the package. */
function newImage(stack = newStack()) {
  const repository = new library.ImageRepository(stack, 'Repository');
  return { stack, image: repository.buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 }) };
}

test('the test has two copies of this package', () => {
  expect(new other.ImageRepository(newStack(), 'Repository')).not.toBeInstanceOf(library.ImageRepository);
});

describe('if an app has two copies of this package,', () => {
  test('a service of one checks the image of the other, with the existing function, and runs on the platform of the image', () => {
    const { stack, image } = newImage();
    const cluster = newCluster(stack);
    new library.FargateService(stack, 'One', { cluster, containers: { web: { image } } });
    new other.FargateService(stack, 'Two', { cluster, containers: { web: { image } } });
    new DockerImageFunction(stack, 'Function', {
      code: image.toLambdaCode({ imageCheck: other.ImageCheck.beforeDeployment() }), architecture: Architecture.ARM_64,
    });

    const template = Template.fromStack(stack);
    const tokens = Object.values(template.findResources(CHECK)).map(({ Properties }) => JSON.stringify(Properties.ServiceToken));
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
    template.resourcePropertiesCountIs('AWS::ECS::TaskDefinition', { RuntimePlatform: { CpuArchitecture: 'ARM64' } }, 2);
  });

  test('a pod of one can run the image of the other', () => {
    const { stack, image } = newImage();
    const kubectlProvider = KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', {
      serviceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:kubectl',
    });
    const cluster = other.KubernetesCluster.eksV2(Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'team', kubectlProvider }));
    new other.KubernetesService(stack, 'Service', { cluster, containers: { web: { image } } });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('Custom::AWSCDK-EKS-KubernetesResource'));
    expect(flatten(Properties.Manifest)).toMatch(/"image":"[^"]+@sha256:[^"]+".*"values":\["arm64"\]/);
  });

  test('an image of one can be copied to a registry of the other', () => {
    const { stack, image } = newImage();
    const credentials = new Secret(stack, 'Login');
    image.publishTo(other.ExternalRegistry.azure({ loginServer: 'team.azurecr.io', credentials }), { name: 'web' });
    Template.fromStack(stack).hasResourceProperties('Custom::ContainerImageCopy', { Destination: 'team.azurecr.io/web' });
  });

  test('a synthesizer of one pushes directly into a repository of the other', () => {
    const app = new App({ defaultStackSynthesizer: new other.DirectPushSynthesizer() });
    const repository = new library.ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
    expect(repository.buildAndPushImage(APP, { scope: new Stack(app, 'Stack') }).route).toBe(library.ImageRoute.DIRECT);
  });
});
