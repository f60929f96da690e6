import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerOptions } from './container';
import { PublishedImage } from '../image/published-image';
import { reject } from '../private/validation';

const ARCHITECTURES = new Map([
  ['linux/amd64', CpuArchitecture.X86_64],
  ['linux/arm64', CpuArchitecture.ARM64],
  ['linux/arm64/v8', CpuArchitecture.ARM64],
]);

/** The architecture that all images of a task are built for; undefined where none of them says so. */
export function cpuArchitectureOf(
  scope: IConstruct, containers: { [name: string]: ContainerOptions },
): CpuArchitecture | undefined {
  const platforms = new Map<string, string>();
  for (const [name, { image }] of Object.entries(containers)) {
    const platform = image instanceof PublishedImage ? platformOf(image) : undefined;
    if (platform !== undefined) {
      platforms.set(platform, name);
    }
  }
  if (platforms.size > 1) {
    reject(scope, {
      property: 'containers',
      must: 'have images of one platform, because a task runs on one',
      got: [...platforms].map(([platform, name]) => `${name}: ${platform}`),
      cure: 'Build them with the same \'platform\'.',
    });
  }
  const [platform] = platforms.keys();
  if (platform === undefined) {
    return undefined;
  }
  return ARCHITECTURES.get(platform) ?? reject(scope, {
    property: 'containers',
    must: 'have images for linux/amd64 or linux/arm64, which is what Fargate runs',
    got: platform,
    cure: 'Build the image with Platform.LINUX_AMD64 or Platform.LINUX_ARM64.',
  });
}

/** Of an image for several platforms the one that Fargate runs by default, if it is among them. */
function platformOf({ platform, platforms = [] }: PublishedImage): string | undefined {
  return platforms.length < 2 || platforms.includes('linux/amd64') ? platform : platforms.find(each => ARCHITECTURES.has(each)) ?? platforms[0];
}
