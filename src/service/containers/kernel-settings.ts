import { ContainerDefinitionOptions, LinuxParameters, Capability, SystemControl } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ContainerCapabilities } from './container-capabilities';
import { ContainerOptions } from './container-options';

const FIRST_OPEN_PORT = 'net.ipv4.ip_unprivileged_port_start';

/** What the kernel is told about the container: from its options, and from what its security takes away. */
export function kernelSettings(
  scope: Construct, id: string, container: ContainerOptions, { hasSecurityOptions }: ContainerCapabilities,
): Partial<ContainerDefinitionOptions> {
  const { security } = container;
  const settings = { linuxParameters: linuxParametersOf(scope, id, container), systemControls: systemControlsOf(container) };
  if (security === undefined) {
    return settings;
  }
  return {
    ...settings,
    readonlyRootFilesystem: true,
    user: security._user ?? container.user,
    // Without capabilities a program that becomes root by its file mode can do nothing that its user could not, hence Fargate gets by.
    dockerSecurityOptions: security._isHardened && hasSecurityOptions ? ['no-new-privileges'] : undefined,
  };
}

function systemControlsOf({ security, systemControls: given = [], port, additionalPorts = [] }: ContainerOptions): SystemControl[] | undefined {
  const ports = [port, ...additionalPorts.map(each => each.port)].flatMap(each => each ?? []);
  // Docker does this by itself, and ECS does not: https://github.com/aws/containers-roadmap/issues/1721
  const opens = security?._needsOpening(ports) && given.every(({ namespace }) => namespace !== FIRST_OPEN_PORT);
  const all = [...opens ? [{ namespace: FIRST_OPEN_PORT, value: '0' }] : [], ...given];
  return all.length === 0 ? undefined : all;
}

function linuxParametersOf(scope: Construct, id: string, container: ContainerOptions): LinuxParameters | undefined {
  const { initProcessEnabled, sharedMemorySize, security, user, volumes = {} } = container;
  if (initProcessEnabled === undefined && sharedMemorySize === undefined && security === undefined) {
    return undefined;
  }
  const parameters = new LinuxParameters(scope, id, { initProcessEnabled, sharedMemorySize: sharedMemorySize?.toMebibytes() });
  if (security?._isHardened) {
    parameters.dropCapabilities(Capability.ALL);
  }
  parameters.addTmpfs(...security?._tmpfs(Object.keys(volumes), user) ?? []);
  return parameters;
}
