import { Duration } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IDependable } from 'constructs';
import type { ImageCheckData, ImageCheckProperties, Runner } from './image-check-properties';
import { ImageResource, addHandlerFunction, grantDescribeStacks, markImageReader } from '../private/handler-function';

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
  readonly handler: ImageCheckHandler;
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

// Manifest and configuration, which contains the platform. No layer is read.
const ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** A function that checks images in the repositories that it may read. */
export class ImageCheckHandler extends Construct implements IGrantable {
  public readonly grantPrincipal: IPrincipal;
  /** The service token for CloudFormation. */
  public readonly serviceToken: string;
  /** The time for which CloudFormation waits: three attempts of Lambda, and the waits between them. */
  public readonly serviceTimeout = Duration.minutes(20);
  /** The settings for the delivery of events. The custom resource depends on them. */
  public readonly eventSettings: IDependable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const handler = addHandlerFunction(this, {
      bundle: 'image-check/image-check.lambda', description: 'Looks at images before anything runs them', timeout: Duration.minutes(5), memorySize: 256,
      serviceTimeout: this.serviceTimeout,
    });
    markImageReader(this, handler);
    grantDescribeStacks(this, handler);
    this.grantPrincipal = handler.role;
    this.serviceToken = handler.functionArn;
    this.eventSettings = handler.eventSettings;
  }

  /** Allows the function to read the images of a repository. */
  public mayRead(repository: IRepository): void {
    repository.grant(this, ...ACTIONS);
  }
}
