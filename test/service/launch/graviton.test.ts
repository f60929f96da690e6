import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { BuildAndPushImageOptions, FargateCapacity, FargateService, ImageRepository } from '../../../src';
import { APP, Match, newCluster, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const BOTH: BuildAndPushImageOptions = { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] };

function synthesize(options: BuildAndPushImageOptions | undefined, cpuArchitecture?: CpuArchitecture, capacity?: FargateCapacity): Template {
  const stack = newStack();
  const image = options ? new ImageRepository(stack, 'Repository').buildAndPushImage(APP, options) : ContainerImage.fromRegistry('nginx');
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } }, cpuArchitecture, capacity });
  return Template.fromStack(stack);
}

describe('a FargateService runs on Graviton', () => {
  test.each<[string, BuildAndPushImageOptions | undefined, CpuArchitecture | undefined]>([
    ['by the platform of its image alone', { platform: Platform.LINUX_ARM64 }, undefined],
    ['by its architecture, with an image for both platforms', BOTH, CpuArchitecture.ARM64],
    ['by its architecture, with an image whose platform is unknown', undefined, CpuArchitecture.ARM64],
    ['by both', { platform: Platform.LINUX_ARM64 }, CpuArchitecture.of('ARM64')],
  ])('%s', (_, options, cpuArchitecture) => {
    synthesize(options, cpuArchitecture).hasResourceProperties('AWS::ECS::TaskDefinition', {
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
    });
  });

  test('on Spot', () => {
    const template = synthesize(BOTH, CpuArchitecture.ARM64, FargateCapacity.spot());
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { RuntimePlatform: Match.objectLike({ CpuArchitecture: 'ARM64' }) });
    template.hasResourceProperties('AWS::ECS::Service', { CapacityProviderStrategy: [Match.objectLike({ CapacityProvider: 'FARGATE_SPOT' })] });
  });

  test.each<[string, BuildAndPushImageOptions | undefined, CpuArchitecture | undefined]>([
    ['an image for both platforms', BOTH, undefined], ['an image whose platform is unknown', undefined, undefined], ['an image for x86', {}, undefined],
  ])('only if you ask for it: %s', (_, options, cpuArchitecture) => {
    const [task] = Object.values(synthesize(options, cpuArchitecture).findResources('AWS::ECS::TaskDefinition'));
    expect(task.Properties.RuntimePlatform?.CpuArchitecture ?? 'X86_64').toBe('X86_64');
  });

  test.each(['ARM64', null, {}, CpuArchitecture])('and reports a wrong architecture: %p', architecture => {
    const message = messageOf(() => synthesize(undefined, wrong(architecture)));
    expect(message).toMatch(told('cpuArchitecture'));
    expect(message).toContain('Use ecs.CpuArchitecture.ARM64');
  });

  test('and says how to build the image if it is for another platform', () => {
    expect(messageOf(() => synthesize({}, CpuArchitecture.ARM64))).toBe(
      "Stack/Service: 'cpuArchitecture' must be one that all images are built for, got \"ARM64\". "
      + "Build the images with Platform.LINUX_ARM64, or leave 'cpuArchitecture' out for X86_64.",
    );
  });
});
