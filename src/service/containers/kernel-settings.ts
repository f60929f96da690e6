import { ContainerDefinitionOptions, LinuxParameters, Capability } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ContainerCapabilities } from './container-capabilities';
import { ContainerOptions } from './container-options';

/** What the kernel is told about the container: from its options, and from what its security takes away. */
export function kernelSettings(
  scope: Construct, id: string, container: ContainerOptions, { hasSecurityOptions }: ContainerCapabilities,
): Partial<ContainerDefinitionOptions> {
  const { security } = container;
  const linuxParameters = linuxParametersOf(scope, id, container);
  if (security === undefined) {
    return { linuxParameters };
  }
  const ports = [container.port, ...container.additionalPorts?.map(({ port }) => port) ?? []].flatMap(port => port ?? []);
  return {
    linuxParameters,
    readonlyRootFilesystem: true,
    user: security._user,
    // Without capabilities a program that becomes root by its file mode can do nothing that its user could not, hence Fargate gets by.
    dockerSecurityOptions: hasSecurityOptions ? ['no-new-privileges'] : undefined,
    // Docker does this by itself, and ECS does not: https://github.com/aws/containers-roadmap/issues/1721
    systemControls: security._needsOpening(ports) ? [{ namespace: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] : undefined,
  };
}

function linuxParametersOf(scope: Construct, id: string, container: ContainerOptions): LinuxParameters | undefined {
  const { initProcessEnabled, sharedMemorySize, security, volumes = {} } = container;
  if (initProcessEnabled === undefined && sharedMemorySize === undefined && security === undefined) {
    return undefined;
  }
  const parameters = new LinuxParameters(scope, id, { initProcessEnabled, sharedMemorySize: sharedMemorySize?.toMebibytes() });
  if (security !== undefined) {
    parameters.dropCapabilities(Capability.ALL);
    parameters.addTmpfs(...security._tmpfs(Object.keys(volumes)));
  }
  return parameters;
}
