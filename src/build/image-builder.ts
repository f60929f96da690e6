import { Duration, Stack, Token } from 'aws-cdk-lib';
import { ComputeType } from 'aws-cdk-lib/aws-codebuild';
import { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { BuildAttestation } from './build-attestation';
import { BuildCache } from './build-cache';
import { SECRET } from '../private/rules';
import { SUBNETS } from '../private/select-subnets';
import { InstanceRule, Shape } from '../private/shape';
import { reject } from '../private/validation';

/** The compression of the layers of an image. */
export enum LayerCompression {
  /** Supported by every client. */
  GZIP = 'gzip',
  /** Smaller and faster to unpack. Fargate and Docker 23 or newer support it, Lambda does not. */
  ZSTD = 'zstd',
}

/** Settings of builds with CodeBuild. */
export interface CodeBuildOptions {
  /**
   * The size of the machine: `SMALL` to `X2_LARGE`.
   *
   * @default ComputeType.MEDIUM
   */
  readonly computeType?: ComputeType;

  /**
   * The VPC of the builds, for private registries and package repositories. The subnets need a route to the internet, or VPC endpoints for ECR, S3,
   * CloudWatch Logs and Secrets Manager.
   *
   * @default - no VPC
   */
  readonly vpc?: IVpc;

  /**
   * The subnets of the builds. CodeBuild has no public IP address, so public subnets do not work.
   *
   * @default - private subnets
   */
  readonly subnetSelection?: SubnetSelection;

  /**
   * The security groups of the builds.
   *
   * @default - a new security group that allows all outbound connections
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * The time after which CodeBuild stops a build, 5 to 55 minutes. CloudFormation waits for one hour, including the time in the queue.
   *
   * @default Duration.minutes(45)
   */
  readonly timeout?: Duration;

  /**
   * The cache from which builds reuse the layers of earlier builds.
   *
   * @default BuildCache.none()
   */
  readonly cache?: BuildCache;

  /**
   * Secrets for the build, by the ID in the Dockerfile: `RUN --mount=type=secret,id=npm`. CodeBuild reads them when the build starts. They are
   * never part of the template, of arguments or of the image. CodeBuild masks their values in the log. The build gets the whole value as text.
   *
   * A new value of a secret does not start a build.
   *
   * @default - no secrets
   */
  readonly secrets?: { readonly [id: string]: ISecret };

  /**
   * User and password for registries of base images, by host: `{ 'docker.io': secret }`. Each secret is JSON: `{"username":"…","password":"…"}`.
   *
   * @default - ECR in the account of the repository, and anonymous access
   */
  readonly registryCredentials?: { readonly [host: string]: ISecret };

  /**
   * The compression of new layers. Layers of the base image are compressed again with `ZSTD`.
   *
   * @default LayerCompression.GZIP
   */
  readonly compression?: LayerCompression;

  /**
   * Statements about the image that BuildKit makes: provenance and a list of packages (SBOM). They become referrers of the image.
   *
   * @default - none
   */
  readonly attestations?: BuildAttestation[];

  /**
   * The image of BuildKit. Docker Hub limits anonymous pulls, so for many builds copy it into your own repository. Allow the builds to
   * read it with `repository.grantPull(image.publisher)`.
   *
   * @default - a fixed version of moby/buildkit on Docker Hub
   */
  readonly buildkitImage?: string;
}

const HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/;
const COMPUTE = [ComputeType.SMALL, ComputeType.MEDIUM, ComputeType.LARGE, ComputeType.X_LARGE, ComputeType.X2_LARGE];
const DEFAULT_TIMEOUT = Duration.minutes(45);
const DEFAULT_BUILDKIT = 'moby/buildkit:v0.25.1';

export const CODE_BUILD = new Shape<CodeBuildOptions>('Write an object such as { computeType: ComputeType.LARGE }, or leave it out.', {
  computeType: {
    kind: 'enum', values: COMPUTE, must: 'be a ComputeType that can run Docker', fix: 'Use ComputeType.SMALL, MEDIUM, LARGE, X_LARGE or X2_LARGE.',
  },
  vpc: { kind: 'instance', must: 'be a VPC', methods: ['selectSubnets'], properties: ['vpcId'], same: ['region', 'account'], fix: 'Use an ec2.Vpc.' },
  subnetSelection: { kind: 'struct', shape: SUBNETS },
  securityGroups: {
    kind: 'list', min: 1, max: 5, fix: 'Give one to five security groups, or leave it out.',
    of: { kind: 'instance', must: 'be a security group', properties: ['securityGroupId'], same: ['region'], fix: 'Use an ec2.SecurityGroup.' },
  },
  timeout: { kind: 'duration', unit: 'minutes', min: 5, max: 55, fix: 'Use Duration.minutes(5) to Duration.minutes(55): CloudFormation waits for one hour.' },
  cache: { kind: 'instance', must: 'be a BuildCache', methods: ['_kind'], fix: 'Call the factory, e.g. BuildCache.registry().' },
  secrets: {
    kind: 'map', names: { pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, must: 'have IDs of letters, digits, "_", "." and "-"' },
    of: { ...SECRET, same: ['region'], fix: 'Store the value there, and use secretsmanager.Secret.fromSecretNameV2(…).' },
    fix: 'Write an object such as { npm: secret }.',
  },
  registryCredentials: {
    kind: 'map', names: { pattern: HOST, must: 'name hosts such as "ghcr.io"' }, of: { ...SECRET, same: ['region'] },
    fix: 'Write an object such as { \'docker.io\': secret }, without https:// and without a path.',
  },
  compression: { kind: 'enum', values: Object.values(LayerCompression), must: 'be a LayerCompression', fix: 'Use LayerCompression.GZIP or LayerCompression.ZSTD.' },
  attestations: {
    kind: 'list', fix: 'Write attestations: [BuildAttestation.provenance()].',
    of: { kind: 'instance', must: 'be a BuildAttestation', methods: ['_flag'], fix: 'Call the factory, e.g. BuildAttestation.provenance().' },
  },
  buildkitImage: { kind: 'text', pattern: /^[^\s,="']+$/, must: 'be the reference of an image', fix: 'Write it like "moby/buildkit:v0.25.1".' },
}, {
  buildImage: 'CodeBuild uses its own Amazon Linux images. Leave it out.', environment: 'Write `computeType`.', subnets: 'Write `subnetSelection`.',
  vpcSubnets: 'Write `subnetSelection`.', buildSecrets: 'Write `secrets`.', credentials: 'Write `registryCredentials`.', buildArgs: 'Write it beside `builder`.',
  platform: 'Write it beside `builder`.', platforms: 'Write it beside `builder`.', timeoutMinutes: 'Write `timeout`.',
  provenance: 'Write `attestations: [BuildAttestation.provenance()]`.', sbom: 'Write `attestations: [BuildAttestation.sbom()]`.',
});

/** The settings of a project, with defaults. */
export interface ProjectSettings extends Pick<CodeBuildOptions, 'vpc' | 'subnetSelection' | 'securityGroups'> {
  readonly computeType: ComputeType;
  readonly timeout: Duration;
  readonly hasLocalCache: boolean;
  readonly registryCredentials: { readonly [host: string]: ISecret };
  readonly buildkitImage: string;
}

/** A value that must be an image builder. */
export const IMAGE_BUILDER: InstanceRule = {
  kind: 'instance', must: 'be an ImageBuilder', methods: ['_check', '_projectSettings'], fix: 'Call the factory: ImageBuilder.codeBuild().',
};

// Regions that have CodeBuild neither in the endpoints of botocore 1.43.11 nor in the resource types of cfn-lint 1.51.0.
const REGIONS_WITHOUT_CODE_BUILD = ['ap-east-2', 'ca-west-1', 'mx-central-1'];

/**
 * A service that builds images during the deployment, so that the machine that runs `cdk deploy` does not need Docker.
 *
 * Not tested on AWS. The tests run the same commands with BuildKit in a container on the local cloud.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/welcome.html
 */
export class ImageBuilder {
  /**
   * Build with AWS CodeBuild and BuildKit, which pushes directly into the repository.
   *
   * The first image of a repository creates one CodeBuild project for each CPU architecture. All images of the repository with the same settings
   * share it. Publishing throws for invalid settings, and for settings of the project that differ from those of another image in the repository.
   *
   * @param options machine, network, secrets, cache and so on
   */
  public static codeBuild(options: CodeBuildOptions = {}): ImageBuilder {
    return new ImageBuilder(options);
  }

  // The options are checked when an image is published, where a scope is known.
  private constructor(private readonly options: CodeBuildOptions) {}

  /** @internal */
  public _check(scope: IConstruct): void {
    CODE_BUILD.check(scope, 'builder', this.options);
    const { vpc, subnetSelection, securityGroups } = this.options;
    for (const [property, value] of Object.entries({ subnetSelection, securityGroups })) {
      if (vpc === undefined && value !== undefined) {
        reject(scope, { property: `builder.${property}`, must: 'come with vpc', got: value, fix: `Set vpc too, or leave ${property} out.` });
      }
    }
    const kinds = this._attestations(scope).map(flag => flag.slice(0, flag.indexOf('=')));
    const twice = kinds.find((kind, position) => kinds.indexOf(kind) !== position);
    if (twice !== undefined) {
      reject(scope, { property: 'builder.attestations', must: 'have each kind once', got: twice.slice(2), fix: 'Leave one of them out.' });
    }
    checkRegion(scope);
  }

  /**
   * The settings that all images of a project share.
   *
   * @internal
   */
  public _projectSettings(): ProjectSettings {
    const { computeType = ComputeType.MEDIUM, timeout = DEFAULT_TIMEOUT, registryCredentials = {}, buildkitImage = DEFAULT_BUILDKIT } = this.options;
    const { vpc, subnetSelection, securityGroups } = this.options;
    return { computeType, timeout, registryCredentials, buildkitImage, hasLocalCache: this._cache() === 'local', vpc, subnetSelection, securityGroups };
  }

  /** @internal */
  public _cache(): 'none' | 'registry' | 'local' {
    return this.options.cache?._kind() ?? 'none';
  }

  /**
   * The secrets by ID, in an order that does not depend on the language of the app.
   *
   * @internal
   */
  public _secrets(): (readonly [id: string, secret: ISecret])[] {
    return Object.entries(this.options.secrets ?? {}).sort(([one], [other]) => one < other ? -1 : 1);
  }

  /**
   * The flags of BuildKit for attestations.
   *
   * @internal
   */
  public _attestations(scope: IConstruct): string[] {
    return (this.options.attestations ?? []).map(each => each._flag(scope));
  }

  /**
   * Additional fields of the `--output` flag.
   *
   * @internal
   */
  public _outputOptions(): string | undefined {
    return this.options.compression === LayerCompression.ZSTD ? ',compression=zstd,force-compression=true' : undefined;
  }
}

function checkRegion(scope: IConstruct): void {
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region) || !REGIONS_WITHOUT_CODE_BUILD.includes(region)) return;
  reject(scope, {
    property: 'builder', must: 'be in a region with CodeBuild', got: region,
    fix: 'Leave the builder out, so that the image is built where "cdk deploy" runs, or deploy to another region.',
  });
}
