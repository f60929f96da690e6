import { EnvironmentFile, Secret } from 'aws-cdk-lib/aws-ecs';

/** What a container runs. */
export interface ContainerProcessOptions {
  /**
   * The command, instead of the image's own.
   *
   * @default - the CMD of the image
   */
  readonly command?: string[];

  /**
   * The entry point, instead of the image's own.
   *
   * @default - the ENTRYPOINT of the image
   */
  readonly entryPoint?: string[];

  /**
   * The directory that the process starts in. Throws when the path is not absolute.
   *
   * @default - the WORKDIR of the image
   */
  readonly workingDirectory?: string;

  /**
   * Who the process runs as, e.g. `1000`, `1000:1000` or `node`. With `ContainerSecurity.hardened` it is said there.
   *
   * @default - the USER of the image
   */
  readonly user?: string;

  /**
   * Environment variables. They are readable in the console: give passwords as `secrets`.
   *
   * Throws on the names that are for AWS credentials. A name that looks like one of a password is a warning, which can be
   * acknowledged as `cdk-container-delivery:secretInEnvironment`.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Files with environment variables in a bucket, at most 10, each named `*.env`. What is in `environment` comes first.
   *
   * The tasks may read these objects and no others; a key with which the bucket is encrypted has to be opened by you.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
   */
  readonly environmentFiles?: EnvironmentFile[];

  /**
   * Environment variables from Secrets Manager or Systems Manager.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: Secret };

  /**
   * Labels of the container, as Docker knows them.
   *
   * @default - none
   */
  readonly dockerLabels?: { [name: string]: string };

  /**
   * Give the process a terminal, for programs that write otherwise, or nothing at all, without one.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
   */
  readonly pseudoTerminal?: boolean;

  /**
   * Run the process under an init process, which passes signals on and takes dead children away.
   *
   * @default false
   */
  readonly initProcessEnabled?: boolean;
}
