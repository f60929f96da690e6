import { Duration } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { IMAGE_CHECK } from './image-check-properties';
import type { ImageCheckData, ImageCheckProperties, Runner } from './image-check-properties';
import { CustomResourceHandler, ImageResource } from '../private/custom-resource-handler';

/** The use of an image. */
export interface ImageUse {
  readonly runner: Runner;
  /** The user of the image, for messages: `the container 'web' of Stack/Service`. */
  readonly usedBy: string;
  /**
   * The CPU architecture, as AWS writes it.
   *
   * @default - any
   */
  readonly architecture?: string;
}

/** Properties of a `ContainerImageCheck`. */
export interface ContainerImageCheckProps extends ImageUse {
  readonly handler: ImageChecker;
  readonly repository: IRepository;
  /** The digest or tag. */
  readonly version: string;
}

/** The check of an image before anything runs it. */
export class ContainerImageCheck extends Construct {
  /** The digest of the image that runs, `sha256:…`. For Lambda, it is the image of one platform of an index. Known at deployment. */
  public readonly imageDigest: string;

  constructor(scope: Construct, id: string, props: ContainerImageCheckProps) {
    super(scope, id);
    props.handler.mayCheck(props.repository);
    const properties: ImageCheckProperties = {
      SchemaVersion: '1',
      Repository: props.repository.repositoryUri,
      Version: props.version,
      Runner: props.runner,
      UsedBy: props.usedBy,
      Architecture: props.architecture,
    };
    const resource = new ImageResource<ImageCheckData>(this, { resourceType: IMAGE_CHECK, handler: props.handler, properties });
    this.imageDigest = resource.imageDigest;
  }
}

// Manifest and configuration, which contains the platform. No layer is read.
const ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** A function that can check images. */
export abstract class ImageChecker extends CustomResourceHandler {
  /** Allows the function to check the images of a repository. */
  public mayCheck(repository: IRepository): void {
    repository.grant(this.role, ...ACTIONS);
    this.mayDescribeStacks();
  }
}

/** A function that only checks images, for a stack in which no function publishes them. */
export class ImageCheckHandler extends ImageChecker {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      bundle: 'image-check/image-check.lambda', description: 'Looks at images before anything runs them', timeout: Duration.minutes(5), memorySize: 256,
      // Three attempts of Lambda, with the waits between them.
      serviceTimeout: Duration.minutes(20),
    });
    this.markAsImageReader();
  }
}
