import { Stack } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { ContainerDefinition, ContainerImage, ContainerImageConfig } from 'aws-cdk-lib/aws-ecs';
import { DockerImageCode } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { reject } from '../private/validation';

/** How Lambda starts the image. */
export interface LambdaCodeOptions {
  /**
   * The command, instead of the image's own.
   *
   * @default - the CMD of the image
   */
  readonly cmd?: string[];

  /**
   * The entry point, instead of the image's own.
   *
   * @default - the ENTRYPOINT of the image
   */
  readonly entrypoint?: string[];

  /**
   * The working directory, instead of the image's own.
   *
   * @default - the WORKDIR of the image
   */
  readonly workingDirectory?: string;
}

/** What a road into the repository knows about the image that it put there. */
export interface PublishedImageProps {
  /** The repository that holds the image. */
  readonly repository: IRepository;

  /** The digest: the literal `sha256:`, then 64 hexadecimal digits (which may be a token). */
  readonly imageDigest: string;

  /** The tag that keeps the image from being untagged. */
  readonly imageTag: string;

  /**
   * The platform that the image is built for, e.g. `linux/arm64`.
   *
   * @default - not known
   */
  readonly platform?: string;
}

/**
 * An image in your repository, ready to run.
 *
 * It is an `ecs.ContainerImage`: give it to every construct that takes one. It always means the exact bytes
 * that were published, because it names them by digest.
 *
 * Made by `ImageRepository.publish` and `ImageRepository.buildAndPushImage`.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
 */
export class PublishedImage extends ContainerImage {
  /** The repository that holds the image. */
  public readonly repository: IRepository;

  /** The digest of the image, `sha256:…`. Known when the stack is deployed. */
  public readonly imageDigest: string;

  /** The tag that keeps the image from being untagged, `live-…`. Known when the stack is deployed. */
  public readonly imageTag: string;

  /** The platform that the image is built for, e.g. `linux/arm64`; undefined where it is not known at synth. */
  public readonly platform?: string;

  /** @param props what is known about the image */
  constructor(props: PublishedImageProps) {
    super();
    this.repository = props.repository;
    this.imageDigest = props.imageDigest;
    this.imageTag = props.imageTag;
    this.platform = props.platform;
  }

  /** The exact image, `host/repository@sha256:…`: for Kubernetes manifests and everything that takes a string. */
  public get imageUri(): string {
    return this.repository.repositoryUriForDigest(this.imageDigest);
  }

  /** The image as the code of a `DockerImageFunction`. */
  public toLambdaCode(options: LambdaCodeOptions = {}): DockerImageCode {
    return DockerImageCode.fromEcr(this.repository, { ...options, tagOrDigest: this.imageDigest });
  }

  /**
   * Called by the container that runs the image: lets its task pull.
   *
   * Throws when the container is in another stack than the repository, nested stacks aside.
   */
  public bind(scope: Construct, containerDefinition: ContainerDefinition): ContainerImageConfig {
    this.checkStack(scope);
    this.repository.grantPull(containerDefinition.taskDefinition.obtainExecutionRole());
    return { imageName: this.imageUri };
  }

  // It would deploy once, and fail with the first new image.
  private checkStack(scope: Construct): void {
    if (outermost(Stack.of(scope)) !== outermost(this.repository.stack)) {
      reject(scope, {
        property: 'image',
        must: 'be published in the stack that runs it, because a digest that another stack imports cannot change',
        got: `an image of ${this.repository.node.path}`,
        cure: 'Import the repository into this stack with ImageRepository.fromRepositoryName, and publish the image there.',
      });
    }
  }
}

function outermost(stack: Stack): Stack {
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}
