import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { ContainerDefinition, ContainerImage, ContainerImageConfig } from 'aws-cdk-lib/aws-ecs';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { DockerImageCode } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ImageRoute } from './choose-route';
import { publishExternally, PublishToOptions } from './external-registry';
import { lambdaCodeOf, ToLambdaCodeOptions } from './lambda-code';
import { IExternalRegistry } from '../federation/external-registry-contract';
import { ImageChecker } from '../image-check/container-image-check';
import { reject } from '../private/validation';

// The same symbol in every copy of this package in an app.
const MARK = Symbol.for('cdk-container-delivery.PublishedImage');

const OTHERWISE = 'if (image.route !== ImageRoute.DEVELOPMENT), or turn development mode off';

/**
 * The properties of an image that has been published.
 *
 * @internal
 */
export interface _PublishedImageProps {
  /** The construct of the image. */
  readonly scope: Construct;
  readonly repository: IRepository;
  readonly route: ImageRoute;
  readonly routeReason: string;
  /** The literal `sha256:`, then 64 hexadecimal digits (which can be a token); undefined if it is unknown. */
  readonly imageDigest?: string;
  readonly imageTag: string;
  readonly imageTagPrefix: string;
  /** The digest or tag that runs the image. */
  readonly version: string;
  /** @default - the version in the repository */
  readonly imageUri?: string;
  /** The repository into which the image is published without development mode. @default - `repository` */
  readonly publishedInto?: IRepository;
  /** Whether images and their uses are not checked. @default false */
  readonly isUnchecked?: boolean;
  readonly platforms?: string[];
  /** Whether signatures and other referrers are copied with it. */
  readonly hasReferrers?: boolean;
  /** The function that copies or builds the image; undefined if the CDK CLI pushes. */
  readonly publisher?: ImageChecker;
}

/**
 * An image in your repository, ready to run.
 *
 * It is an `ecs.ContainerImage`, so you can pass it to every construct that accepts one. It always runs exactly the published image: by
 * digest or, if the CDK CLI pushes it directly, by a tag that is the hash of all inputs and never moves.
 *
 * `ImageRepository.publish` and `ImageRepository.buildAndPushImage` return it.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
 */
export class PublishedImage extends ContainerImage {
  /** @internal */
  public static _of(props: _PublishedImageProps): PublishedImage {
    return new PublishedImage(props);
  }

  /**
   * Whether a value is a `PublishedImage`, including one of another copy of this package.
   *
   * @internal
   */
  public static _isPublishedImage(value: unknown): value is PublishedImage {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  /** The repository that holds the image. In development mode, the bootstrap repository of the CDK. */
  public readonly repository: IRepository;

  /** The route of the image into the repository. */
  public readonly route: ImageRoute;

  /** The reason for this route, as a sentence. */
  public readonly routeReason: string;

  /**
   * The tag that prevents the image from becoming untagged, `live-…`. Known at deployment on the copy and build routes, and with a scan gate.
   * In development mode, the tag in the bootstrap repository.
   */
  public readonly imageTag: string;

  /** @internal */
  public readonly _hasReferrers: boolean;

  /**
   * The prefix of the `live-…` tags of all versions of this image: its ID and its publisher. For tests with the `LifecycleSimulator`.
   */
  public readonly imageTagPrefix: string;

  /** The platform of the image, e.g. `linux/arm64`; undefined if it is unknown during synthesis, or if there are several. */
  public readonly platform?: string;

  /** The platforms of the image; undefined if they are unknown during synthesis. */
  public readonly platforms?: string[];

  /**
   * The digest or tag that runs the image.
   *
   * @internal
   */
  public readonly _version: string;

  /**
   * Whether no image check runs for this image, because development mode is on.
   *
   * @internal
   */
  public readonly _isUnchecked: boolean;

  /**
   * The function that publishes the image, which can also check it; undefined on the direct route and in development mode.
   *
   * @internal
   */
  public readonly _publisher?: ImageChecker;

  private readonly scope: Construct;
  private readonly digest?: string;
  private readonly uri?: string;
  private readonly publishedInto: IRepository;

  private constructor(props: _PublishedImageProps) {
    super();
    Object.defineProperty(this, MARK, { value: true });
    this.scope = props.scope;
    this.repository = props.repository;
    this.route = props.route;
    this.routeReason = props.routeReason;
    this.digest = props.imageDigest;
    this._publisher = props.publisher;
    this._hasReferrers = props.hasReferrers ?? false;
    this._version = props.version;
    this._isUnchecked = props.isUnchecked ?? false;
    this.uri = props.imageUri;
    this.publishedInto = props.publishedInto ?? props.repository;
    this.imageTag = props.imageTag;
    this.imageTagPrefix = props.imageTagPrefix;
    this.platforms = props.platforms;
    this.platform = props.platforms?.length === 1 ? props.platforms[0] : undefined;
  }

  /**
   * Whether a function takes part in the deployment of the image, because it is copied, built remotely or passes a gate.
   *
   * @internal
   */
  public get _comesByFunction(): boolean {
    return this.digest !== undefined;
  }

  /**
   * The digest of the image, `sha256:…`. Known at deployment.
   *
   * Throws on the direct route, because the stack does not know the digest of a pushed image: use `imageUri`. With a `scanGate`, it is known on
   * both routes. Throws in development mode, unless the image is copied.
   */
  public get imageDigest(): string {
    if (this._isUnchecked && this.digest === undefined) {
      reject(this.scope, {
        property: 'imageDigest', must: 'be asked of an image that is copied or passes a scan gate, and development mode has neither', got: this.route,
        fix: 'Use imageUri.',
      });
    }
    return this.digest ?? reject(this.scope, {
      property: 'imageDigest', must: 'be asked of an image that is copied or passes a scan gate', got: this.route,
      fix: 'Use imageUri, which is as exact, or publish with route: ImageRoute.COPY.',
    });
  }

  /**
   * The copy function, for additional permissions, e.g. to sign images: `registrySettings.grantSign(image.publisher)`. On the build route, the
   * permissions go to the builds of the image and to the function that tags it.
   *
   * Throws on the direct route, where the CDK CLI pushes with a role of the bootstrap stack, and in development mode, where nothing is copied.
   */
  public get publisher(): IGrantable {
    this.rejectInDevelopment('publisher', 'be asked of an image that is copied, and development mode publishes none', `Ask for it only ${OTHERWISE}`);
    return this._publisher ?? reject(this.scope, {
      property: 'publisher', must: 'be asked of an image that is copied', got: this.route,
      fix: 'The CDK CLI pushes this one: give the permission to the image-publishing role of the bootstrap stack.',
    });
  }

  /**
   * The URI of the image, `host/repository@sha256:…` (on the direct route without a scan gate `host/repository:live-…`), for Kubernetes manifests
   * and other uses as a string. In development mode, the URI in the bootstrap repository of the CDK.
   */
  public get imageUri(): string {
    return this.uri ?? this.repository.repositoryUriForTagOrDigest(this._version);
  }

  /**
   * The image as the code of a `DockerImageFunction`.
   *
   * For a platform other than `linux/amd64`, also set the `architecture` of the function. The function throws if the image is known to be built for
   * another architecture.
   *
   * On the copy route and with a scan gate, the image is checked before the function changes: it exists, fits the architecture of the function, and
   * has a format that Lambda supports. Lambda does not support an index (of several platforms, or with attestations). The function then gets the
   * image for its architecture, which ECR keeps as long as the index. An image that is pushed directly is only checked with `imageCheck`. Without
   * it, this throws for a multi-platform image, and Lambda rejects an index with attestations.
   *
   * If this app creates the repository, its policy allows Lambda to pull for functions of the account and region of the function only. A function of
   * another account also needs `pullFrom: { accounts: [account] }`, because the role that creates the function reads the image too.
   *
   * @param options the command and other settings of the image
   * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
   */
  public toLambdaCode(options: ToLambdaCodeOptions = {}): DockerImageCode {
    return lambdaCodeOf(this.scope, this, options);
  }

  /**
   * Copy the image to a registry outside of AWS during the deployment. The digest stays the same. Signatures and other referrers that exist at that
   * time are copied too.
   *
   * Throws if the registry, the name or a tag is malformed, and if the image is already published there. Throws in development mode, so that no
   * unchecked image leaves the account.
   *
   * @param registry an `ExternalRegistry`, or a construct that creates one, e.g. `AzureContainerRegistry`
   * @param options the name of the image in the registry, and additional tags
   * @returns the URI in the registry, `host/name@sha256:…`
   */
  public publishTo(registry: IExternalRegistry, options: PublishToOptions): string {
    this.rejectInDevelopment('publishTo', 'be called for an image that is published, and development mode publishes none', `Call it only ${OTHERWISE}`);
    return publishExternally(this.scope, this.repository, this.imageUri, registry, options);
  }

  /**
   * Allow the task of a container to pull the image. The container definition calls this method.
   *
   * @param _scope unused
   * @param containerDefinition the container
   */
  public bind(_scope: Construct, containerDefinition: ContainerDefinition): ContainerImageConfig {
    const { taskDefinition } = containerDefinition;
    const grants = this._grantPull(taskDefinition.obtainExecutionRole());
    // Otherwise, a service could start tasks before they have permission to pull, and its circuit breaker would count these failures.
    if (taskDefinition.node.defaultChild) {
      for (const grant of grants) grant.applyBefore(taskDefinition.node.defaultChild);
    }
    return { imageName: this.imageUri };
  }

  /**
   * Grant the permission to pull the image. In development mode, the grantee can also pull from your repository, because tasks of the previous
   * version run until the service has changed, and again after a rollback.
   *
   * @internal
   */
  public _grantPull(grantee: IGrantable): Grant[] {
    return [...new Set([this.publishedInto, this.repository])].map(repository => repository.grantPull(grantee));
  }

  private rejectInDevelopment(property: string, must: string, fix: string): void {
    if (this.route !== ImageRoute.DEVELOPMENT) return;
    reject(this.scope, { property, must, got: this.route, fix: `${fix}.` });
  }
}
