import { ContainerImage, VersionConsistency } from 'aws-cdk-lib/aws-ecs';
import { ContainerLifecycleOptions } from './container-lifecycle-options';
import { ContainerLogging } from './container-logging';
import { ContainerProcessOptions } from './container-process-options';
import { ContainerResourceOptions } from './container-resource-options';
import { ContainerSecurity } from './container-security';
import { ListeningPort } from './listening-port';

/** One container of a service. */
export interface ContainerOptions extends ContainerProcessOptions, ContainerResourceOptions, ContainerLifecycleOptions {
  /** The image: a `PublishedImage`, or any other `ecs.ContainerImage` such as `fromRegistry('nginx')`. */
  readonly image: ContainerImage;

  /**
   * Whether all tasks of one deployment run the image that its tag named when the deployment began. A `PublishedImage` is always one and the same.
   *
   * @default - VersionConsistency.ENABLED; for assets of CDK, whose tags never move, VersionConsistency.DISABLED
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
   */
  readonly versionConsistency?: VersionConsistency;

  /**
   * The port that the process in the container listens on, 1 to 65535.
   *
   * @default - nothing connects to the container, except through `additionalPorts`
   */
  readonly port?: number;

  /**
   * More ports that the process listens on, or one that is UDP or has a protocol for Service Connect.
   *
   * @default - none
   */
  readonly additionalPorts?: ListeningPort[];

  /**
   * Where the container writes its logs.
   *
   * @default - ContainerLogging.toCloudWatch(): the log group of the service
   */
  readonly logging?: ContainerLogging;

  /**
   * What is taken away from the container so that whoever breaks into it finds little to do.
   *
   * @default - the settings of the image
   */
  readonly security?: ContainerSecurity;
}

/** The containers of a task, by name. */
export type Containers = { readonly [name: string]: ContainerOptions };
