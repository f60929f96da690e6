import { RESOURCE_TYPES } from './resource-types';

interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
  readonly Metadata?: Record<string, unknown>;
}

/** A CloudFormation template, with the fields that are used here. */
export interface Template { readonly Resources?: Record<string, Resource> }

/** The features of an app that the local cloud does not have. */
export interface Compatibility {
  /** Resources that cannot be deployed: the paths of the constructs by type. */
  readonly unsupported: ReadonlyMap<string, readonly string[]>;
  /** One sentence for each missing effect, with the number of resources. */
  readonly notes: readonly string[];
}

/** Types with an effect on AWS that is missing on the local cloud. */
export const RECORDED: readonly (readonly [RegExp, string])[] = [
  [/^AWS::IAM::/, 'IAM: permissions are not checked'],
  [/^AWS::EC2::(?!LaunchTemplate)/, 'Network: subnets, routes, NAT gateways and security groups filter and route nothing'],
  [/^AWS::EC2::LaunchTemplate$|^AWS::AutoScaling::|^AWS::ECS::(CapacityProvider|ClusterCapacityProviderAssociations)$/,
    'Capacity: no instance starts; all tasks run in Docker on this machine'],
  [/^AWS::ApplicationAutoScaling::/, 'Scaling: the number of tasks does not change by itself'],
  [/^AWS::ElasticLoadBalancingV2::LoadBalancer$/, 'Load balancing: only HTTP is forwarded, and health checks do not run'],
  [/^AWS::CertificateManager::|^AWS::Route53::|^AWS::ServiceDiscovery::/, 'DNS and TLS: names do not resolve, and certificates are not used'],
  [/^AWS::EFS::/, 'EFS: a volume is an empty folder of the task'],
];

type Properties = Record<string, unknown>;
const isObject = (value: unknown): value is Properties => typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): Properties[] => Array.isArray(value) ? value.filter(isObject) : [];
const containers = ({ ContainerDefinitions }: Properties) => objects(ContainerDefinitions);

/** Properties with an effect on AWS that is missing on the local cloud. */
const IGNORED: readonly (readonly [string, (properties: Properties) => boolean, string])[] = [
  ['AWS::ECS::TaskDefinition', (task) => containers(task).some(({ HealthCheck, DependsOn }) => (HealthCheck ?? DependsOn) !== undefined),
    'Health checks and dependencies of containers are ignored'],
  ['AWS::ECS::TaskDefinition', (task) => containers(task).some(({ FirelensConfiguration }) => FirelensConfiguration !== undefined),
    'FireLens: logs are not routed'],
  ['AWS::ECS::Service', ({ ServiceConnectConfiguration }) => ServiceConnectConfiguration !== undefined, 'Service Connect: names of services do not resolve'],
  ['AWS::ECS::Service', ({ DeploymentConfiguration }) => isObject(DeploymentConfiguration) && !['ROLLING', undefined].includes(DeploymentConfiguration.Strategy as string | undefined),
    'Blue/green, canary and linear deployments replace all tasks at once'],
  ['AWS::ElasticLoadBalancingV2::Listener', ({ Protocol }) => !['HTTP', undefined].includes(Protocol as string | undefined),
    'HTTPS, TLS, TCP and UDP listeners: use the ports of the containers'],
];

// The emulator has projects, but the environment of the builds exists only in a clone.
const SUPPORTED = new Set(RESOURCE_TYPES.filter((type) => type !== 'AWS::CodeBuild::Project'));

/** Custom resources of aws-cdk whose functions need a client of the AWS SDK for JavaScript that the emulator does not have. */
const NEEDS_SDK = new Set([
  'Custom::AWSCDKOpenIdConnectProvider', 'Custom::CrossAccountZoneDelegation', 'Custom::DeleteExistingRecordSet', 'Custom::S3AutoDeleteObjects',
  'Custom::VpcRestrictDefaultSG',
]);

const isSupported = (type: string) => type.startsWith('Custom::') ? !NEEDS_SDK.has(type) : SUPPORTED.has(type);

/** Compares templates with the features of the emulator. The paths of a stack begin with its name. */
export function compatibilityOf(templates: ReadonlyMap<string, Template>): Compatibility {
  const unsupported = new Map<string, string[]>();
  const notes = new Map<string, number>();
  const note = (text: string) => notes.set(text, (notes.get(text) ?? 0) + 1);
  for (const [stack, { Resources = {} }] of templates) {
    for (const [id, { Type, Properties = {}, Metadata }] of Object.entries(Resources)) {
      if (!isSupported(Type)) {
        const place = String(Metadata?.['aws:cdk:path'] ?? `${stack}/${id}`).replace(/\/(Resource|Default)$/, '');
        unsupported.set(Type, [...unsupported.get(Type) ?? [], place]);
      }
      for (const [pattern, text] of RECORDED) if (pattern.test(Type)) note(text);
      for (const [type, applies, text] of IGNORED) if (type === Type && applies(Properties)) note(text);
    }
  }
  const order = [...RECORDED.map(([, text]) => text), ...IGNORED.map(([, , text]) => text)];
  const sorted = [...notes].sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  return { unsupported, notes: sorted.map(([text, count]) => `${text} (${count} ${count === 1 ? 'resource' : 'resources'})`) };
}
