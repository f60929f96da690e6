import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { platformsOf } from '../../image/known-platforms';
import { isBuiltFor } from '../../image/platform-names';
import { InstanceRule } from '../../private/shape';
import { reject } from '../../private/validation';
import { Containers } from '../containers/container-options';

// The first one is the default of ECS.
const ARCHITECTURES: { name: 'amd64' | 'arm64'; architecture: CpuArchitecture; fix: string }[] = [
  { name: 'amd64', architecture: CpuArchitecture.X86_64, fix: 'Platform.LINUX_AMD64' },
  { name: 'arm64', architecture: CpuArchitecture.ARM64, fix: 'Platform.LINUX_ARM64' },
];

export const CPU_ARCHITECTURE_RULE: InstanceRule = {
  kind: 'instance', properties: ['_cpuArchitecture'], must: 'be a CpuArchitecture', fix: 'Use ecs.CpuArchitecture.ARM64 or X86_64, or leave it out.',
};

/** The architectures that all images of a task support, the default first; undefined if the platforms of no image are known. */
export function cpuArchitecturesOf(scope: IConstruct, containers: Containers): CpuArchitecture[] | undefined {
  const known = Object.entries(containers).flatMap(([name, { image }]) => {
    const platforms = platformsOf(scope, image);
    return platforms === undefined ? [] : [{ name, platforms }];
  });
  if (known.length === 0) {
    return undefined;
  }
  known.forEach(({ platforms }) => checkRunnable(scope, platforms));
  const common = ARCHITECTURES.filter(({ name }) => known.every(({ platforms }) => platforms.some(each => isBuiltFor(each, name))));
  if (common.length === 0) {
    reject(scope, {
      property: 'containers',
      must: 'have images of one platform, because a task runs on one',
      got: known.map(({ name, platforms }) => `${name}: ${platforms.join(', ')}`),
      fix: 'Build them with the same \'platform\'.',
    });
  }
  return common.map(({ architecture }) => architecture);
}

/** The architecture that the user set, or the first one that all images support. Throws if an image does not support it. */
export function cpuArchitectureOf(scope: IConstruct, containers: Containers, wanted?: CpuArchitecture): CpuArchitecture | undefined {
  const possible = cpuArchitecturesOf(scope, containers);
  if (wanted === undefined || possible === undefined || possible.some(each => isSame(each, wanted))) {
    return wanted ?? possible?.[0];
  }
  const { fix } = ARCHITECTURES.find(({ architecture }) => isSame(architecture, wanted)) ?? ARCHITECTURES[0];
  return reject(scope, {
    property: 'cpuArchitecture', must: 'be one that all images are built for', got: nameOf(wanted),
    fix: `Build the images with ${fix}, or leave 'cpuArchitecture' out for ${possible.map(nameOf).join(' or ')}.`,
  });
}

/** Checks a container that is added to a task, whose architecture is already set. */
export function checkArchitecture(scope: IConstruct, containers: Containers, given: CpuArchitecture): void {
  const possible = cpuArchitecturesOf(scope, containers) ?? [given];
  if (!possible.some(each => isSame(each, given))) {
    reject(scope, {
      property: 'containers', must: 'have images for the architecture of the task', got: possible.map(nameOf).join(', ').toLowerCase(),
      fix: 'Pass the container in \'containers\' of the construct, so that the task gets its architecture.',
    });
  }
}

function checkRunnable(scope: IConstruct, platforms: string[]): void {
  if (!platforms.some(each => ARCHITECTURES.some(({ name }) => isBuiltFor(each, name)))) {
    reject(scope, {
      property: 'containers', must: 'have images for linux/amd64 or linux/arm64, on which ECS runs tasks', got: platforms.join(', '),
      fix: 'Build the image with Platform.LINUX_AMD64 or Platform.LINUX_ARM64.',
    });
  }
}

function isSame(one: CpuArchitecture, other: CpuArchitecture): boolean {
  return nameOf(one) === nameOf(other);
}

function nameOf(architecture: CpuArchitecture): string {
  return architecture._cpuArchitecture;
}
