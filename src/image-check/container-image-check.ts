import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { ImageCheckHandler } from './image-check-handler';
import type { ImageCheckData, ImageCheckProperties, Runner } from './image-check-properties';
import { ImageResource } from '../private/handler-function';

/** What is to run an image, and on what. */
export interface ImageUse {
  readonly runner: Runner;
  /** For people: `the container 'web' of Stack/Service`. */
  readonly usedBy: string;
  /**
   * The CPU architecture, as AWS writes it.
   *
   * @default - any
   */
  readonly architecture?: string;
}

/** Which image is looked at, and by whose eyes. */
export interface ContainerImageCheckProps extends ImageUse {
  readonly handler: ImageCheckHandler;
  readonly repository: IRepository;
  /** The digest or tag. */
  readonly version: string;
}

/** An image that is looked at before anything runs it. */
export class ContainerImageCheck extends Construct {
  /** The image that runs, `sha256:…`: of an index for Lambda the image of one platform. Known when it is deployed. */
  public readonly imageDigest: string;

  constructor(scope: Construct, id: string, props: ContainerImageCheckProps) {
    super(scope, id);
    props.handler.mayRead(props.repository);
    const properties: ImageCheckProperties = {
      SchemaVersion: '1',
      Repository: props.repository.repositoryUri,
      Version: props.version,
      Runner: props.runner,
      UsedBy: props.usedBy,
      Architecture: props.architecture,
    };
    const resource = new ImageResource<ImageCheckData>(this, { resourceType: 'Custom::ContainerImageCheck', handler: props.handler, properties });
    this.imageDigest = resource.imageDigest;
  }
}
