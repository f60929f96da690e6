import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { ContainerDefinition, ContainerImage, ContainerImageConfig } from 'aws-cdk-lib/aws-ecs';
import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { DockerImageCode } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ImageRoute } from './choose-route';
import { ExternalRegistry, publishExternally, PublishToOptions } from './external-registry';
import { lambdaCodeOf, LambdaCodeOptions } from './lambda-code';
import { reject } from '../private/validation';

// Known in each copy of this package that an app has.
const MARK = Symbol.for('cdk-container-delivery.PublishedImage');

/**
 * What a road into the repository knows about the image that it put there.
 *
 * @internal
 */
export interface _PublishedImageProps {
  /** The construct of the image. */
  readonly scope: Construct;
  readonly repository: IRepository;
  readonly route: ImageRoute;
  readonly routeReason: string;
  /** The literal `sha256:`, then 64 hexadecimal digits (which may be a token); none where nobody knows it. */
  readonly imageDigest?: string;
  readonly imageTag: string;
  readonly imageTagPrefix: string;
  /** The digest or tag by which the image is run. */
  readonly version: string;
  readonly platforms?: string[];
  /** The role of the copy function; none where the CDK CLI pushes. */
  readonly publisher?: IGrantable;
}

/**
 * An image in your repository, ready to run.
 *
 * It is an `ecs.ContainerImage`: give it to every construct that takes one. It always means the exact bytes
 * that were published: it names them by digest or, where the CDK CLI has pushed them directly, by a tag that is the
 * hash of everything that went into the image and that never moves.
 *
 * Made by `ImageRepository.publish` and `ImageRepository.buildAndPushImage`.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
 */
export class PublishedImage extends ContainerImage {
  /** @internal */
  public static _of(props: _PublishedImageProps): PublishedImage {
    return new PublishedImage(props);
  }

  /**
   * Whether something is a `PublishedImage`, also one of another copy of this package.
   *
   * @internal
   */
  public static _isPublishedImage(value: unknown): value is PublishedImage {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  /** The repository that holds the image. */
  public readonly repository: IRepository;

  /** The road on which the image gets into the repository. */
  public readonly route: ImageRoute;

  /** Why it takes this road, for people. */
  public readonly routeReason: string;

  /** The tag that keeps the image from being untagged, `live-…`. On the copy road, and with a scan gate, known when the stack is deployed. */
  public readonly imageTag: string;

  /**
   * What the `live-…` tags of all versions of this image begin with: its id, and who publishes it. For tests with the
   * `LifecycleSimulator`.
   */
  public readonly imageTagPrefix: string;

  /** The platform that the image is built for, e.g. `linux/arm64`; undefined where it is not known at synth, or one of several. */
  public readonly platform?: string;

  /** The platforms that the image is built for; undefined where they are not known at synth. */
  public readonly platforms?: string[];

  /**
   * The digest or tag by which the image is run.
   *
   * @internal
   */
  public readonly _version: string;

  private readonly scope: Construct;
  private readonly digest?: string;
  private readonly grantee?: IGrantable;

  private constructor(props: _PublishedImageProps) {
    super();
    Object.defineProperty(this, MARK, { value: true });
    this.scope = props.scope;
    this.repository = props.repository;
    this.route = props.route;
    this.routeReason = props.routeReason;
    this.digest = props.imageDigest;
    this.grantee = props.publisher;
    this._version = props.version;
    this.imageTag = props.imageTag;
    this.imageTagPrefix = props.imageTagPrefix;
    this.platforms = props.platforms;
    this.platform = props.platforms?.length === 1 ? props.platforms[0] : undefined;
  }

  /**
   * Whether a function has a hand in it when it is deployed: it is copied, or passes a gate.
   *
   * @internal
   */
  public get _comesByFunction(): boolean {
    return this.digest !== undefined;
  }

  /**
   * The digest of the image, `sha256:…`. Known when the stack is deployed.
   *
   * Throws on the direct road, where the image is pushed without the stack hearing of its digest: use `imageUri`. With a
   * `scanGate` it is known on both roads.
   */
  public get imageDigest(): string {
    return this.digest ?? reject(this.scope, {
      property: 'imageDigest', must: 'be asked of an image that is copied or passes a scan gate', got: this.route,
      fix: 'Use imageUri, which is as exact, or publish with route: ImageRoute.COPY.',
    });
  }

  /**
   * Who puts the image into the repository when the app is deployed: the copy function. For permissions that it takes beyond those
   * for the repository, e.g. to have its images signed: `registrySettings.grantSign(image.publisher)`.
   *
   * Throws on the direct road, where the CDK CLI pushes with a role of the bootstrap stack.
   */
  public get publisher(): IGrantable {
    return this.grantee ?? reject(this.scope, {
      property: 'publisher', must: 'be asked of an image that is copied', got: this.route,
      fix: 'The CDK CLI pushes this one: give the permission to the image-publishing role of the bootstrap stack.',
    });
  }

  /**
   * The exact image, `host/repository@sha256:…` (on the direct road without a scan gate `host/repository:live-…`): for Kubernetes manifests
   * and everything that takes a string.
   */
  public get imageUri(): string {
    return this.repository.repositoryUriForTagOrDigest(this._version);
  }

  /**
   * The image as the code of a `DockerImageFunction`.
   *
   * For an image of another platform than `linux/amd64`, set the `architecture` of the function too: making the function throws where it is
   * known at synth that the image is not built for it.
   *
   * On the copy road, and with a scan gate, the image is looked at when it is deployed, before the function changes: whether it is there,
   * for the architecture of the function, and of a kind that Lambda takes. Lambda takes no index; of one (for several platforms, or with
   * attestations) the function gets the image for its architecture, which ECR keeps as long as the index. An image that is pushed
   * directly is only looked at when you ask for it with `imageCheck`; else this throws for one of several platforms, and an index with
   * attestations is refused by Lambda.
   *
   * Where this app creates the repository, its policy lets Lambda pull for functions of the account and region of the function, and for no
   * others. A function of another account also needs `pullFrom: { accounts: [account] }`, because there the role that creates the function
   * reads the image too.
   *
   * @param options how Lambda starts the image
   * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
   */
  public toLambdaCode(options: LambdaCodeOptions = {}): DockerImageCode {
    return lambdaCodeOf(this.scope, this, options);
  }

  /**
   * Put the image into a registry outside of AWS too, when the app is deployed: the same bytes, so the same digest. Signatures and
   * what else refers to it come along, as they are when it is put there.
   *
   * Throws when the registry, the name or a tag is malformed, and when the image goes to that place already.
   *
   * @param registry the registry
   * @param options the name of the image there, and further tags
   * @returns the address there, `host/name@sha256:…`
   */
  public publishTo(registry: ExternalRegistry, options: PublishToOptions): string {
    return publishExternally(this.scope, this.repository, this.imageUri, registry, options);
  }

  /**
   * Called by the container that runs the image: lets its task pull.
   *
   * @param _scope not needed
   * @param containerDefinition the container
   */
  public bind(_scope: Construct, containerDefinition: ContainerDefinition): ContainerImageConfig {
    const { taskDefinition } = containerDefinition;
    const grant = this.repository.grantPull(taskDefinition.obtainExecutionRole());
    // Else a service may start tasks that are not allowed to pull yet, and its circuit breaker counts them.
    if (taskDefinition.node.defaultChild) {
      grant.applyBefore(taskDefinition.node.defaultChild);
    }
    return { imageName: this.imageUri };
  }
}
