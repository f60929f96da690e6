import { createHash } from 'crypto';
import * as path from 'path';
import {
  DefaultStackSynthesizer, DefaultStackSynthesizerProps, DockerImageAssetLocation, DockerImageAssetSource, Fn,
  IBoundStackSynthesizer, IStackSynthesizer, ISynthesisSession, Stack, SynthesizeStackArtifactOptions, Token,
} from 'aws-cdk-lib';
import { ArtifactType, DockerImageAsset as DockerImage, DockerImageDestination, Manifest } from 'aws-cdk-lib/cloud-assembly-schema';
import { Shape } from '../private/shape';

/**
 * The destination of an image instead of the bootstrap repository.
 *
 * @internal
 */
export interface _DirectDestination {
  /** The stack that creates the repository. It is deployed before the image is built and pushed. */
  readonly repositoryStack: Stack;
  readonly repositoryName: string;
  /** Returns the tag for the hash of all inputs of the image. */
  tagOf(sourceHash: string): string;
}

/**
 * The construct that the callback created, and the tag of its image.
 *
 * @internal
 */
export interface _DirectImage<T> {
  readonly created: T;
  readonly imageTag: string;
}

/** Properties of a `DirectPushSynthesizer`. */
export interface DirectPushSynthesizerProps extends DefaultStackSynthesizerProps {
  /**
   * Create each `ImageRepository` of the stack in an additional stack, which is deployed first. Then images can be pushed directly without
   * another change of the program. All methods of the repository work as usual.
   *
   * The additional stack has the name of the stack and `-images`, the ID `images` in the stack, and the same environment, tags and termination
   * protection. Without a `repositoryName`, the name is derived from the name of the stack and the path of the repository in it. A repository whose name
   * is a token stays in its stack.
   *
   * If you set this for a stack that is already deployed, its repositories move. Follow the steps in the guide to keep them.
   *
   * @default false - repositories are in the stack that the program creates them in
   */
  readonly separateRepositories?: boolean;
}

/** The rules of `DirectPushSynthesizerProps`. aws-cdk checks the properties of `DefaultStackSynthesizerProps`. */
export const DIRECT_PUSH_SYNTHESIZER = new Shape<Pick<DirectPushSynthesizerProps, 'separateRepositories'>>(
  'Write new DirectPushSynthesizer({ separateRepositories: true }).',
  { separateRepositories: { kind: 'boolean' } },
  { separateRepository: 'Write separateRepositories.' },
);

/**
 * A stack synthesizer with which `cdk deploy` pushes images directly into your repositories, without a copy, a function or a custom resource.
 *
 * Set it for the stacks that use images, or for the whole app as `defaultStackSynthesizer`:
 * `new DirectPushSynthesizer({ separateRepositories: true })`. An image is pushed directly if it is built from a directory or loaded from a file, and if
 * its repository is in another stack, which `separateRepositories` creates, and has a name that is known at synthesis. All other assets are published
 * as usual.
 *
 * The CDK CLI pushes with the image-publishing role of the bootstrap stack, so the repository policy allows this role to pull and push. Every app with
 * the same bootstrap qualifier can use the role. Such an app can pull the images, and push images with free tags and with tags that
 * `imageTagMutability` allows to move. It cannot change an existing image, whose tag does not move, and cannot delete one. ECR has no condition on tags
 * to restrict this. To separate teams, bootstrap with one qualifier per team, and set it here:
 * `new DirectPushSynthesizer({ qualifier: 'team1' })`. You can also set a role of the team: `imageAssetPublishingRoleArn`.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html#bootstrapping-synthesizers
 */
export class DirectPushSynthesizer extends DefaultStackSynthesizer {
  private readonly settings: DefaultStackSynthesizerProps;
  private readonly separateRepositories?: boolean;
  private readonly images: { [sourceHash: string]: DockerImage } = {};
  private readonly repositoryStacks = new Set<Stack>();
  private destination?: _DirectDestination;
  private lastTag?: string;

  /** @param props the properties of `DefaultStackSynthesizer`, and where repositories are created */
  constructor(props: DirectPushSynthesizerProps = {}) {
    const { separateRepositories, ...settings } = props;
    super(settings);
    this.settings = settings;
    this.separateRepositories = separateRepositories;
  }

  /**
   * Returns a synthesizer for a stack. Stacks must not share their assets.
   *
   * @param stack the stack to synthesize
   */
  public reusableBind(stack: Stack): IBoundStackSynthesizer {
    const own = this.copied(this.separateRepositories);
    own.bind(stack);
    return own;
  }

  /**
   * Returns the synthesizer of the additional stack for the repositories of the stack, or `undefined` if they stay in the stack.
   *
   * @internal
   */
  public _forRepositories(): IStackSynthesizer | undefined {
    DIRECT_PUSH_SYNTHESIZER.check(this.boundStack, '', { ...this.settings, separateRepositories: this.separateRepositories });
    return this.separateRepositories ? this.copied(false) : undefined;
  }

  /**
   * Pushes the image asset that the callback creates into a repository of the user. Throws if it creates none.
   *
   * @internal
   */
  public _pushInto<T>(destination: _DirectDestination, create: () => T): _DirectImage<T> {
    this.destination = destination;
    this.lastTag = undefined;
    try {
      const created = create();
      if (this.lastTag === undefined) throw new Error(`${this.boundStack.node.path}: no image asset was created for ${destination.repositoryName}`);
      return { created, imageTag: this.lastTag };
    } finally {
      this.destination = undefined;
    }
  }

  /**
   * The ARN of the role with which the CDK CLI pushes, for the policy of a repository in the account of that role.
   *
   * @internal
   */
  public get _pushRoleArn(): string {
    return Fn.sub(this.publishingRole);
  }

  /**
   * Publish an image, into the bootstrap repository unless a repository of the user is set.
   *
   * @param asset the image to build
   */
  public addDockerImageAsset(asset: DockerImageAssetSource): DockerImageAssetLocation {
    return this.destination ? this.addDirectImage(asset, this.destination) : super.addDockerImageAsset(asset);
  }

  /**
   * Add the artifact of the stack. The stack depends on its images, and these depend on the stacks of their repositories.
   *
   * @param session the assembly to write
   * @param options other properties of the artifact
   */
  protected emitArtifact(session: ISynthesisSession, options: SynthesizeStackArtifactOptions = {}): void {
    const own = this.repositoryStacks.size > 0 ? [this.emitImages(session)] : [];
    super.emitArtifact(session, { ...options, additionalDependencies: [...options.additionalDependencies ?? [], ...own] });
  }

  /** Copies the synthesizer. The copy of a subclass has the same class, so its constructor must accept the same properties. */
  private copied(separateRepositories?: boolean): DirectPushSynthesizer {
    return new (this.constructor as typeof DirectPushSynthesizer)({ ...this.settings, separateRepositories });
  }

  private addDirectImage(asset: DockerImageAssetSource, to: _DirectDestination): DockerImageAssetLocation {
    const { account, region } = to.repositoryStack;
    const destination: DockerImageDestination = {
      repositoryName: to.repositoryName,
      imageTag: to.tagOf(asset.sourceHash),
      region: Token.isUnresolved(region) ? undefined : region,
      assumeRoleArn: inEnvironment(this.publishingRole, account, region),
      assumeRoleExternalId: this.settings.imageAssetPublishingExternalId,
      assumeRoleAdditionalOptions: this.settings.imageAssetPublishingRoleAdditionalOptions,
    };
    // The key of the asset for the CDK CLI. It contains the destination, because the same image can be pushed into several repositories.
    const place = createHash('sha256').update(JSON.stringify([to.repositoryStack.artifactId, destination])).digest('hex').slice(0, 16);
    this.images[[asset.assetName, asset.sourceHash, place].filter(Boolean).join('-')] = {
      displayName: asset.displayName,
      source: sourceOf(asset),
      destinations: { repository: destination },
    };
    this.repositoryStacks.add(to.repositoryStack);
    this.lastTag = destination.imageTag;
    return this.cloudFormationLocationFromDockerImageAsset(destination);
  }

  private emitImages(session: ISynthesisSession): string {
    const name = `${this.boundStack.artifactId}.images`;
    const file = `${name}.json`;
    // `cdk list` treats every dependency as a stack, unless its name contains this.
    const id = `${name}.assets`;
    Manifest.saveAssetManifest({ version: Manifest.version(), dockerImages: this.images }, path.join(session.assembly.outdir, file));
    session.assembly.addArtifact(id, {
      type: ArtifactType.ASSET_MANIFEST,
      properties: { file },
      dependencies: [...this.repositoryStacks].map(stack => stack.artifactId),
    });
    return id;
  }

  /** The ARN of the publishing role, with the placeholders for partition, account and region that both the CDK CLI and `Fn::Sub` accept. */
  private get publishingRole(): string {
    const role = this.settings.imageAssetPublishingRoleArn ?? DefaultStackSynthesizer.DEFAULT_IMAGE_ASSET_PUBLISHING_ROLE_ARN;
    return role.replace(/\$\{Qualifier\}/g, this.bootstrapQualifier ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER);
  }
}

function sourceOf(asset: DockerImageAssetSource): DockerImage['source'] {
  return {
    executable: asset.executable,
    directory: asset.directoryName,
    dockerBuildArgs: asset.dockerBuildArgs,
    dockerBuildContexts: asset.dockerBuildContexts,
    dockerBuildSecrets: asset.dockerBuildSecrets,
    dockerBuildSsh: asset.dockerBuildSsh,
    dockerBuildTarget: asset.dockerBuildTarget,
    dockerFile: asset.dockerFile,
    dockerOutputs: asset.dockerOutputs,
    networkMode: asset.networkMode,
    platform: asset.platform,
    cacheFrom: asset.dockerCacheFrom,
    cacheTo: asset.dockerCacheTo,
    cacheDisabled: asset.dockerCacheDisabled,
  };
}

/** Replaces the placeholders for account and region with known values, because the repository can be in another account or region. */
function inEnvironment(arn: string, account: string, region: string): string {
  const known = (value: string, placeholder: string) => Token.isUnresolved(value) ? placeholder : value;
  return arn
    .replace(/\$\{AWS::AccountId\}/g, known(account, '${AWS::AccountId}'))
    .replace(/\$\{AWS::Region\}/g, known(region, '${AWS::Region}'));
}
