import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnProject } from 'aws-cdk-lib/aws-codebuild';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct, IDependable } from 'constructs';
import { BUILD_VARIABLES, buildspecOf } from './buildspec';
import { ImageBuilder, ProjectSettings } from './image-builder';
import { EstablishedNetwork } from '../private/established-network';
import { OnceRole } from '../private/once-role';
import { PUSH_ACTIONS } from '../private/permissions';
import { selectSubnets } from '../private/select-subnets';
import { reject } from '../private/validation';

/** The CPU architectures of CodeBuild. */
export type Architecture = 'amd64' | 'arm64';

// Both contain Docker, Buildx, the AWS CLI and jq: https://github.com/aws/aws-codebuild-docker-images
const MACHINES: { readonly [architecture in Architecture]: { readonly type: string; readonly image: string } } = {
  amd64: { type: 'LINUX_CONTAINER', image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0' },
  arm64: { type: 'ARM_CONTAINER', image: 'aws/codebuild/amazonlinux-aarch64-standard:3.0' },
};

// CloudFormation waits for one hour at most.
const QUEUED_MINUTES = 60;

/** Properties of a `BuildProject`. */
export interface BuildProjectProps {
  readonly architecture: Architecture;
  readonly builder: ImageBuilder;
  /** The repository that the builds push to. */
  readonly repository: IRepository;
}

/** A CodeBuild project that builds images of one repository for one CPU architecture. */
export class BuildProject extends Construct {
  public readonly projectName: string;
  public readonly projectArn: string;
  public readonly role: Role;
  public readonly logGroup: LogGroup;
  /** The resources that a build needs. The custom resource depends on them. */
  public readonly needs: IDependable[];

  private readonly settings: ProjectSettings;
  private readonly repository: IRepository;

  constructor(scope: Construct, id: string, { architecture, builder, repository }: BuildProjectProps) {
    super(scope, id);
    this.settings = builder._projectSettings();
    this.repository = repository;
    this.logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new OnceRole(this, 'Role', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') });
    this.logGroup.grantWrite(this.role);
    // The token is valid for the whole registry, so AWS requires all resources.
    this.role.addToPolicy(new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }));
    repository.grant(this.role, ...PUSH_ACTIONS);
    const network = this.network();
    const { computeType, timeout, hasLocalCache } = this.settings;
    // Not the L2, which also lets the role write to the log groups and report groups that are named after the project.
    const project = new CfnProject(this, 'Resource', {
      description: `Builds container images for ${architecture}`,
      serviceRole: this.role.roleArn,
      source: { type: 'NO_SOURCE', buildSpec: JSON.stringify(buildspecOf({ hasLocalCache }), undefined, 2) },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: {
        ...MACHINES[architecture], computeType, imagePullCredentialsType: 'CODEBUILD',
        // BuildKit runs in Docker, which CodeBuild starts only in this mode.
        privilegedMode: true,
        environmentVariables: this.variables(),
      },
      timeoutInMinutes: timeout.toMinutes(),
      queuedTimeoutInMinutes: QUEUED_MINUTES,
      logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName: this.logGroup.logGroupName } },
      ...hasLocalCache && { cache: { type: 'LOCAL', modes: ['LOCAL_CUSTOM_CACHE'] } },
      vpcConfig: network?.config,
    });
    // CodeBuild checks the permissions for the VPC when the project is created.
    project.node.addDependency(this.role);
    this.node.defaultChild = project;
    this.projectName = project.ref;
    this.projectArn = project.attrArn;
    this.needs = [this, ...network === undefined ? [] : [network.established]];
  }

  /** Rejects a builder whose project settings differ from this project. */
  public checkSame(image: Construct, builder: ImageBuilder): void {
    const [first, second] = [this.settings, builder._projectSettings()];
    const different = (Object.keys(second) as (keyof ProjectSettings)[]).find(name => !isSame(first[name], second[name]));
    if (different === undefined) return;
    reject(image, {
      property: `builder.${different}`, must: 'be the same for all images of a repository, because they share a CodeBuild project', got: second[different],
      fix: 'Use one ImageBuilder for all of them, or another repository.',
    });
  }

  /** Allows builds to read their source. */
  public mayRead({ bucket, s3ObjectKey }: Asset): void {
    this.role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject', 's3:GetObjectVersion'], resources: [bucket.arnForObjects(s3ObjectKey)] }));
    this.role.addToPolicy(new PolicyStatement({ actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'], resources: [bucket.bucketArn] }));
  }

  /** Allows builds to read their cache from the repository. */
  public mayReadCache(): void {
    this.repository.grant(this.role, 'ecr:GetDownloadUrlForLayer');
  }

  private variables(): CfnProject.EnvironmentVariableProperty[] {
    const { registryCredentials, buildkitImage } = this.settings;
    const registries = Object.entries(registryCredentials).sort(([one], [other]) => one < other ? -1 : 1);
    return [
      plain(BUILD_VARIABLES.repositoryUri, this.repository.repositoryUri),
      plain(BUILD_VARIABLES.repositoryRegion, this.repository.env.region),
      plain(BUILD_VARIABLES.buildkitImage, buildkitImage),
      ...registries.length === 0 ? [] : [plain(BUILD_VARIABLES.registries, String(registries.length))],
      ...registries.flatMap(([host, secret], position) => {
        secret.grantRead(this.role);
        const number = position + 1;
        const part = (name: string, key: string) => ({ name: `${name}${number}`, type: 'SECRETS_MANAGER', value: `${secret.secretArn}:${key}` });
        return [
          plain(`${BUILD_VARIABLES.registryHost}${number}`, dockerHost(host)),
          part(BUILD_VARIABLES.registryUser, 'username'), part(BUILD_VARIABLES.registryPassword, 'password'),
        ];
      }),
    ];
  }

  /** The network, with the permissions for it: https://docs.aws.amazon.com/codebuild/latest/userguide/vpc-support.html */
  private network(): { readonly config: CfnProject.VpcConfigProperty; readonly established: IDependable } | undefined {
    const { vpc, subnetSelection, securityGroups } = this.settings;
    if (vpc === undefined) return undefined;
    const subnets = selectSubnets(this, 'builder.subnetSelection', vpc, subnetSelection ?? {});
    const stack = Stack.of(this);
    const ec2 = (resource: string, resourceName: string) => stack.formatArn({ service: 'ec2', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
    this.role.addToPolicy(new PolicyStatement({
      actions: [
        'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeDhcpOptions', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets', 'ec2:DescribeVpcs',
      ],
      resources: ['*'],
    }));
    this.role.addToPolicy(new PolicyStatement({
      actions: ['ec2:CreateNetworkInterfacePermission'], resources: [ec2('network-interface', '*')],
      conditions: {
        StringEquals: { 'ec2:AuthorizedService': 'codebuild.amazonaws.com' },
        ArnEquals: { 'ec2:Subnet': subnets.subnetIds.map(subnetId => ec2('subnet', subnetId)) },
      },
    }));
    const groups = securityGroups ?? [new SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Builds of container images' })];
    return {
      config: { vpcId: vpc.vpcId, subnets: subnets.subnetIds, securityGroupIds: groups.map(({ securityGroupId }) => securityGroupId) },
      established: new EstablishedNetwork(this, vpc, subnets),
    };
  }
}

function plain(name: string, value: string): CfnProject.EnvironmentVariableProperty {
  return { name, value, type: 'PLAINTEXT' };
}

/** The host for `docker login`, which has a special name for Docker Hub. */
function dockerHost(host: string): string {
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host;
}

/** Whether two settings are the same: equal values, or the same constructs. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (one instanceof Duration && other instanceof Duration) return one.toMinutes() === other.toMinutes();
  if (!isPlain(one) || !isPlain(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Array.isArray(one) === Array.isArray(other) && [...names].every(name => isSame(one[name], other[name]));
}

function isPlain(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value));
}
