import { Duration } from 'aws-cdk-lib';
import { AuthorizationToken, IRepository } from 'aws-cdk-lib/aws-ecr';
import { AddToPrincipalPolicyResult, ArnPrincipal, CompositePrincipal, IPrincipal, PolicyStatement, PrincipalPolicyFragment, Role } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { Architecture, BuildProject } from './build-project';
import { CACHE_FOLDER, NEW_CACHE_FOLDER } from './buildspec';
import type { ImageBuildData, ImageBuildProperties } from './image-build-properties';
import { ImageBuilder } from './image-builder';
import { ImageChecker } from '../image-check/container-image-check';
import { ImageResource } from '../private/custom-resource-handler';

/** The build for one platform. */
export interface PlatformBuild {
  /** For example `linux/arm64`. */
  readonly platform: string;
  readonly architecture: Architecture;
}

/** Properties of an `ImageBuild`. */
export interface ImageBuildProps {
  readonly handler: BuildHandler;
  readonly builder: ImageBuilder;
  readonly builds: readonly PlatformBuild[];
  /** The archives of the source. */
  readonly source: Asset;
  /** The arguments of `docker buildx build` that determine the image. The last one is the build context. */
  readonly arguments: readonly string[];
  /** Arguments that do not count for the question whether the image was built before. */
  readonly uncountedArguments: readonly string[];
  readonly repository: IRepository;
  /** The prefix of the live tag. The handler adds the start of the digest, so no other image can have the tag. */
  readonly liveTagPrefix: string;
  /** Additional tags, which never move. */
  readonly tags: string[];
  /** Additional tags, which may move from another image. */
  readonly floatingTags: string[];
}

/** The tag of the cache of an image. */
export function cacheTag(imageId: string, architecture: Architecture): string {
  return `cache-${imageId}-${architecture}`;
}

/** The build of one image during deployment. */
export class ImageBuild extends Construct {
  /** The digest, `sha256:…`. Known at deployment. */
  public readonly imageDigest: string;
  /** The live tag. Known at deployment. */
  public readonly imageTag: string;

  constructor(private readonly image: Construct, id: string, private readonly props: ImageBuildProps) {
    super(image, id);
    const { handler, builder, builds, source, repository } = props;
    const secrets = builder._secrets();
    const attestations = builder._attestations(image);
    const projects = builds.map(({ architecture }) => handler.project(image, architecture, builder, repository));
    projects.forEach(project => this.allow(project, secrets.map(([, secret]) => secret)));
    const properties: ImageBuildProperties = {
      SchemaVersion: '1',
      Destination: repository.repositoryUri,
      Builds: builds.map(({ platform, architecture }, position) => {
        const cache = this.cacheArguments(architecture);
        return { Platform: platform, Project: projects[position].projectName, ...cache.length > 0 && { Arguments: cache } };
      }),
      Source: `${source.s3BucketName}/${source.s3ObjectKey}`,
      Arguments: props.arguments,
      ...props.uncountedArguments.length > 0 && { UncountedArguments: props.uncountedArguments },
      OutputOptions: builder._outputOptions(),
      ...attestations.length > 0 && { Attestations: attestations },
      ...secrets.length > 0 && { Secrets: secrets.map(([Id, { secretArn: Arn }]) => ({ Id, Arn })) },
      LiveTagPrefix: props.liveTagPrefix,
      ...props.tags.length > 0 && { Tags: props.tags },
      ...props.floatingTags.length > 0 && { FloatingTags: props.floatingTags },
    };
    const resource = new ImageResource<ImageBuildData>(this, { resourceType: 'Custom::ContainerImageBuild', handler, properties });
    this.node.addDependency(...projects.flatMap(({ needs }) => needs));
    this.imageDigest = resource.imageDigest;
    this.imageTag = resource.data('Tag');
  }

  private allow(project: BuildProject, secrets: readonly ISecret[]): void {
    project.mayRead(this.props.source);
    secrets.forEach(secret => secret.grantRead(project.role));
    if (this.props.builder._cache() === 'registry') project.mayReadCache();
  }

  private cacheArguments(architecture: Architecture): string[] {
    const { builder, repository } = this.props;
    switch (builder._cache()) {
      case 'none': return [];
      case 'local': return ['--cache-from', `type=local,src=${CACHE_FOLDER}`, '--cache-to', `type=local,dest=${NEW_CACHE_FOLDER},mode=max`];
      case 'registry': {
        const ref = `type=registry,ref=${repository.repositoryUri}:${cacheTag(this.image.node.id, architecture)}`;
        return ['--cache-from', ref, '--cache-to', `${ref},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`];
      }
    }
  }
}

// The function writes manifests and tags, but no layers.
const TAG_ACTIONS = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:PutImage'];

/** A function that starts builds, waits for them and tags their images, and the projects of the builds. */
export class BuildHandler extends ImageChecker {
  /** The builds, which push the images, and this function, which tags them. */
  public readonly grantPrincipal: IPrincipal;

  private readonly projects = new Map<Architecture, BuildProject>();

  constructor(scope: Construct, id: string) {
    super(scope, id, {
      bundle: 'build/image-build.lambda', description: 'Builds container images during deployments', timeout: Duration.minutes(15), memorySize: 512,
      // The maximum, because a build can take several invocations.
      serviceTimeout: Duration.hours(1),
    });
    AuthorizationToken.grantRead(this.role);
    this.mayInvokeItself();
    this.mayDescribeStacks();
    this.grantPrincipal = new Publishers(() => [this.role, ...[...this.projects.values()].map(({ role }) => role)]);
  }

  /** The project for a CPU architecture, which all images of the repository share. The function may tag what its builds push. */
  public project(image: Construct, architecture: Architecture, builder: ImageBuilder, repository: IRepository): BuildProject {
    const existing = this.projects.get(architecture);
    if (existing !== undefined) {
      existing.checkSame(image, builder);
      return existing;
    }
    if (this.projects.size === 0) repository.grant(this.role, ...TAG_ACTIONS);
    const project = new BuildProject(this, architecture === 'amd64' ? 'Amd64' : 'Arm64', { architecture, builder, repository });
    this.projects.set(architecture, project);
    this.role.addToPolicy(new PolicyStatement({
      actions: ['codebuild:BatchGetBuilds', 'codebuild:ListBuildsForProject', 'codebuild:StartBuild', 'codebuild:StopBuild'],
      resources: [project.projectArn],
    }));
    project.logGroup.grant(this.role, 'logs:GetLogEvents');
    return project;
  }
}

/** The principals that publish an image together. Permissions go to each of them. */
class Publishers implements IPrincipal {
  public readonly assumeRoleAction = 'sts:AssumeRole';
  public readonly grantPrincipal = this;

  constructor(private readonly roles: () => Role[]) {}

  public get policyFragment(): PrincipalPolicyFragment {
    return new CompositePrincipal(...this.roles().map(({ roleArn }) => new ArnPrincipal(roleArn))).policyFragment;
  }

  public addToPolicy(statement: PolicyStatement): boolean {
    return this.addToPrincipalPolicy(statement).statementAdded;
  }

  public addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    const [first, ...others] = this.roles().map(role => role.addToPrincipalPolicy(statement.copy()));
    return { statementAdded: true, policyDependable: others.at(-1)?.policyDependable ?? first.policyDependable };
  }
}
