/**
 * The container settings that a launch type supports.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
export interface ContainerCapabilities {
  /** The name of the launch type, for error messages. */
  readonly name: string;

  /** The limits of the start and stop timeouts, in seconds. */
  readonly timeouts: { readonly min: number; readonly max?: number };

  /** The available log drivers; undefined if the agent of the instances decides. */
  readonly logDrivers?: string[];

  /** Whether the size of `/dev/shm` can be set. */
  readonly hasSharedMemorySize: boolean;

  /** Whether Docker security options are available, such as no-new-privileges. */
  readonly hasSecurityOptions: boolean;

  /** Whether magnetic EBS volumes are available. */
  readonly hasMagneticVolumes: boolean;

  /** Whether ECS creates EBS volumes for the tasks of a service. */
  readonly hasEbsVolumes: boolean;
}

export const FARGATE_CAPABILITIES: ContainerCapabilities = {
  name: 'Fargate',
  timeouts: { min: 2, max: 120 },
  logDrivers: ['awslogs', 'splunk', 'awsfirelens'],
  hasSharedMemorySize: false,
  hasSecurityOptions: false,
  hasMagneticVolumes: false,
  hasEbsVolumes: true,
};

/** The capabilities of ECS Managed Instances, which users cannot log in to. */
export const MANAGED_INSTANCES_CAPABILITIES: ContainerCapabilities = {
  name: 'ECS Managed Instances',
  timeouts: { min: 1 },
  hasSharedMemorySize: true,
  hasSecurityOptions: true,
  hasMagneticVolumes: true,
  hasEbsVolumes: true,
};

export const EC2_CAPABILITIES: ContainerCapabilities = {
  name: 'EC2',
  timeouts: { min: 1 },
  hasSharedMemorySize: true,
  hasSecurityOptions: true,
  hasMagneticVolumes: true,
  hasEbsVolumes: true,
};

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
export const DAEMON_CAPABILITIES: ContainerCapabilities = { ...EC2_CAPABILITIES, hasEbsVolumes: false };
