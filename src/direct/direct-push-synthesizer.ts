import { createHash } from 'crypto';
import * as path from 'path';
import {
  DefaultStackSynthesizer, DefaultStackSynthesizerProps, DockerImageAssetLocation, DockerImageAssetSource, Fn,
  IBoundStackSynthesizer, ISynthesisSession, Stack, SynthesizeStackArtifactOptions, Token,
} from 'aws-cdk-lib';
import { ArtifactType, DockerImageAsset as DockerImage, DockerImageDestination, Manifest } from 'aws-cdk-lib/cloud-assembly-schema';

/**
 * Where an image is pushed instead of into the bootstrap repository.
 *
 * @internal
 */
export interface _DirectDestination {
  /** The stack that creates the repository. It is deployed before the image is built. */
  readonly repositoryStack: Stack;
  readonly repositoryName: string;
  /** Makes the tag from the hash of everything that goes into the image. */
  tagOf(sourceHash: string): string;
}

/**
 * What was created, and the tag of its image.
 *
 * @internal
 */
export interface _DirectImage<T> {
  readonly created: T;
  readonly imageTag: string;
}

/**
 * A stack synthesizer with which `cdk deploy` pushes images straight into your own repositories: no copy, no
 * function, no custom resource.
 *
 * Give it to the stacks that use images, or to the whole app as `defaultStackSynthesizer`. An image takes this road
 * when it is built from a directory or loaded from a file and published in another stack than that of its repository, which has a name
 * known at synthesis:
 * `repository.buildAndPushImage('./app', { scope: this })`. Everything else of the stack is published as ever.
 *
 * The CDK CLI pushes with the image-publishing role of the bootstrap stack, so the policy of the repository lets that role pull and push.
 * Every app that is deployed with the same bootstrap qualifier can use the role. Such an app can pull the images of the repository, and
 * push images with tags that are still free or that `imageTagMutability` lets move. It cannot change an image that is there, because its tag does
 * not move, and it cannot delete one. ECR has no condition on tags that would restrict this. To keep teams apart, bootstrap with a
 * qualifier of its own for each team, and give it here: `new DirectPushSynthesizer({ qualifier: 'team1' })`. You can also name a role
 * of the team: `imageAssetPublishingRoleArn`.
 *
 * @see https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html#bootstrapping-synthesizers
 */
export class DirectPushSynthesizer extends DefaultStackSynthesizer {
  private readonly settings: DefaultStackSynthesizerProps;
  private readonly images: { [sourceHash: string]: DockerImage } = {};
  private readonly repositoryStacks = new Set<Stack>();
  private destination?: _DirectDestination;
  private lastTag?: string;

  /** @param props the same as for `DefaultStackSynthesizer` */
  constructor(props: DefaultStackSynthesizerProps = {}) {
    super(props);
    this.settings = props;
  }

  /**
   * A synthesizer of its own for each stack: they must not share what they publish.
   *
   * @param stack the stack to synthesize
   */
  public reusableBind(stack: Stack): IBoundStackSynthesizer {
    // A subclass stays what it is, as long as its constructor takes the same properties.
    const own = new (this.constructor as typeof DirectPushSynthesizer)(this.settings);
    own.bind(stack);
    return own;
  }

  /**
   * The image asset that is created meanwhile goes into a repository of the user. Throws when there is none.
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
   * The role with which the CDK CLI pushes, in the account of a repository; for the policy of that repository.
   *
   * @internal
   */
  public get _pushRoleArn(): string {
    return Fn.sub(this.publishingRole);
  }

  /**
   * Publish an image: into the bootstrap repository, unless a repository of the user is meant.
   *
   * @param asset what to build
   */
  public addDockerImageAsset(asset: DockerImageAssetSource): DockerImageAssetLocation {
    return this.destination ? this.addDirectImage(asset, this.destination) : super.addDockerImageAsset(asset);
  }

  /**
   * The stack waits for its images, and they for the repositories.
   *
   * @param session where the app is written to
   * @param options what else the artifact of the stack has
   */
  protected emitArtifact(session: ISynthesisSession, options: SynthesizeStackArtifactOptions = {}): void {
    const own = this.repositoryStacks.size > 0 ? [this.emitImages(session)] : [];
    super.emitArtifact(session, { ...options, additionalDependencies: [...options.additionalDependencies ?? [], ...own] });
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
    // The CLI tells assets apart by this key: the same image may go into several repositories.
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
    // `cdk list` takes every dependency for a stack, unless it has this in its name.
    const id = `${name}.assets`;
    Manifest.saveAssetManifest({ version: Manifest.version(), dockerImages: this.images }, path.join(session.assembly.outdir, file));
    session.assembly.addArtifact(id, {
      type: ArtifactType.ASSET_MANIFEST,
      properties: { file },
      dependencies: [...this.repositoryStacks].map(stack => stack.artifactId),
    });
    return id;
  }

  /** With placeholders for partition, account and region, which the CLI and `Fn::Sub` write alike. */
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

/** What is known is written out: the repository may be in another account or region than the stack. */
function inEnvironment(arn: string, account: string, region: string): string {
  const known = (value: string, placeholder: string) => Token.isUnresolved(value) ? placeholder : value;
  return arn
    .replace(/\$\{AWS::AccountId\}/g, known(account, '${AWS::AccountId}'))
    .replace(/\$\{AWS::Region\}/g, known(region, '${AWS::Region}'));
}
