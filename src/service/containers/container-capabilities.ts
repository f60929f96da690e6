/**
 * What a container can have on one kind of computer and not on another.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
export interface ContainerCapabilities {
  /** For error messages. */
  readonly name: string;

  /** The longest that a container may take to start or stop, in seconds, and the shortest. */
  readonly timeouts: { readonly min: number; readonly max?: number };

  /** The log drivers that are there; undefined where it is the owner of the instances who says so. */
  readonly logDrivers?: string[];

  /** Whether `/dev/shm` can be of another size. */
  readonly hasSharedMemorySize: boolean;

  /** Whether Docker's own security options are there, such as no-new-privileges. */
  readonly hasSecurityOptions: boolean;

  /** Whether there are magnetic volumes. */
  readonly hasMagneticVolumes: boolean;

  /** Whether ECS makes EBS volumes for the tasks of a service. */
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

/** The instances are like any other; nobody but ECS can log in to them. */
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
