import { Duration } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct, IDependable } from 'constructs';
import { IMAGE_CHECK } from './image-check-properties';
import type { ImageCheckData, ImageCheckProperties, Runner } from './image-check-properties';
import { HandlerFunction, ImageResource, HandlerReference, addHandlerFunction, grantDescribeStacks, markImageReader } from '../private/handler-function';

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
export interface ImageChecker extends IConstruct, IGrantable, HandlerReference {
  /** Allows the function to check the images of a repository. */
  mayCheck(repository: IRepository): void;
}

/** Allows a function to read the images of a repository, and to check whether the stack is rolling back. */
export function allowChecks(scope: Construct, handler: HandlerFunction, repository: IRepository): void {
  repository.grant(handler.role, ...ACTIONS);
  grantDescribeStacks(scope, handler);
}

/** A function that only checks images, for a stack in which no function publishes them. */
export class ImageCheckHandler extends Construct implements ImageChecker {
  public readonly grantPrincipal: IPrincipal;
  /** The service token for CloudFormation. */
  public readonly serviceToken: string;
  /** The time for which CloudFormation waits: three attempts of Lambda, and the waits between them. */
  public readonly serviceTimeout = Duration.minutes(20);
  /** What the function needs to work. The custom resource depends on it. */
  public readonly needs: IDependable;

  private readonly handler: HandlerFunction;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.handler = addHandlerFunction(this, {
      bundle: 'image-check/image-check.lambda', description: 'Looks at images before anything runs them', timeout: Duration.minutes(5), memorySize: 256,
      serviceTimeout: this.serviceTimeout,
    });
    markImageReader(this, this.handler);
    this.grantPrincipal = this.handler.role;
    this.serviceToken = this.handler.functionArn;
    this.needs = this.handler.needs;
  }

  public mayCheck(repository: IRepository): void {
    allowChecks(this, this.handler, repository);
  }
}
