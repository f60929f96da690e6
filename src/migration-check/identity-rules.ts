import { Comparison, Identified, nameOf, textOf } from './comparison';
import { changes, fails, Finding, KEEP, loses } from './finding';

/** The properties that identify a resource in its account and region. A question mark marks an optional property. */
const IDENTITIES: { readonly [type: string]: readonly string[] } = {
  'AWS::ApplicationAutoScaling::ScalingPolicy': ['PolicyName', 'ScalingTargetId?', 'ResourceId?', 'ScalableDimension?'],
  'AWS::CloudWatch::Alarm': ['AlarmName'],
  'AWS::CloudWatch::Dashboard': ['DashboardName'],
  'AWS::CodeBuild::Project': ['Name'],
  'AWS::DynamoDB::GlobalTable': ['TableName'],
  'AWS::DynamoDB::Table': ['TableName'],
  'AWS::EC2::Route': ['RouteTableId', 'DestinationCidrBlock?', 'DestinationIpv6CidrBlock?', 'DestinationPrefixListId?'],
  'AWS::EC2::SecurityGroup': ['GroupName', 'VpcId?'],
  'AWS::EC2::SecurityGroupEgress': [
    'GroupId', 'IpProtocol', 'FromPort?', 'ToPort?', 'CidrIp?', 'CidrIpv6?', 'DestinationSecurityGroupId?', 'DestinationPrefixListId?',
  ],
  'AWS::EC2::SecurityGroupIngress': [
    'GroupId', 'IpProtocol', 'FromPort?', 'ToPort?', 'CidrIp?', 'CidrIpv6?', 'SourceSecurityGroupId?', 'SourcePrefixListId?',
  ],
  'AWS::EC2::Subnet': ['VpcId', 'CidrBlock'],
  'AWS::EC2::SubnetRouteTableAssociation': ['SubnetId'],
  'AWS::EC2::VPCGatewayAttachment': ['VpcId', 'InternetGatewayId?', 'VpnGatewayId?'],
  'AWS::ECR::Repository': ['RepositoryName'],
  'AWS::ECR::RepositoryCreationTemplate': ['Prefix'],
  'AWS::ECS::CapacityProvider': ['Name'],
  'AWS::ECS::Cluster': ['ClusterName'],
  'AWS::ECS::Service': ['ServiceName', 'Cluster?'],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['Name'],
  'AWS::ElasticLoadBalancingV2::TargetGroup': ['Name'],
  'AWS::Events::Rule': ['Name', 'EventBusName?'],
  'AWS::IAM::InstanceProfile': ['InstanceProfileName'],
  'AWS::IAM::ManagedPolicy': ['ManagedPolicyName', 'Path?'],
  'AWS::IAM::Role': ['RoleName'],
  'AWS::KMS::Alias': ['AliasName'],
  'AWS::Lambda::Function': ['FunctionName'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::RDS::DBCluster': ['DBClusterIdentifier'],
  'AWS::RDS::DBInstance': ['DBInstanceIdentifier'],
  'AWS::RDS::DBSubnetGroup': ['DBSubnetGroupName'],
  'AWS::Route53::RecordSet': ['Name', 'Type', 'HostedZoneId?', 'HostedZoneName?', 'SetIdentifier?'],
  'AWS::S3::Bucket': ['BucketName'],
  'AWS::SNS::Topic': ['TopicName'],
  'AWS::SQS::Queue': ['QueueName'],
  'AWS::SSM::Parameter': ['Name'],
  'AWS::Scheduler::Schedule': ['Name', 'GroupName?'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::ServiceDiscovery::HttpNamespace': ['Name'],
  'AWS::ServiceDiscovery::PrivateDnsNamespace': ['Name', 'Vpc?'],
  'AWS::ServiceDiscovery::Service': ['Name', 'NamespaceId?', 'DnsConfig?'],
  'AWS::StepFunctions::StateMachine': ['StateMachineName'],
};

/** Types in `IDENTITIES` that have no name. */
const UNNAMED = /::EC2::(Route|SecurityGroup(In|E)gress|Subnet|SubnetRouteTableAssociation|VPCGatewayAttachment)$/;

/** Settings of another resource, and the properties that identify them. Creating one a second time is allowed; deleting one removes the setting. */
const SETTINGS: { readonly [type: string]: readonly string[] } = {
  'AWS::ApplicationAutoScaling::ScalableTarget': ['ResourceId', 'ScalableDimension', 'ServiceNamespace'],
  'AWS::ECR::RegistryPolicy': [],
  'AWS::ECR::RegistryScanningConfiguration': [],
  'AWS::ECR::ReplicationConfiguration': [],
  'AWS::ECS::ClusterCapacityProviderAssociations': ['Cluster'],
  'AWS::ElasticLoadBalancingV2::ListenerCertificate': ['ListenerArn', 'Certificates'],
  'AWS::IAM::Policy': ['PolicyName', 'Groups', 'Roles', 'Users'],
  'AWS::IAM::RolePolicy': ['PolicyName', 'RoleName'],
  'AWS::Lambda::EventInvokeConfig': ['FunctionName', 'Qualifier'],
  'AWS::S3::BucketPolicy': ['Bucket'],
  'AWS::SNS::TopicPolicy': ['Topics'],
  'AWS::SQS::QueuePolicy': ['Queues'],
  'AWS::SecretsManager::ResourcePolicy': ['SecretId'],
  'AWS::SecretsManager::RotationSchedule': ['SecretId'],
  'AWS::WAFv2::WebACLAssociation': ['ResourceArn'],
};

/** A key for the physical resource; undefined if CloudFormation chooses its name. */
function identityOf({ Type, Properties = {} }: Identified): string | undefined {
  const names = IDENTITIES[Type];
  if (names === undefined || names.some(name => !name.endsWith('?') && Properties[name] === undefined)) return undefined;
  // A Cloud Map service can name its namespace in either property, so `DnsConfig` is not compared.
  return textOf(names.map(name => name === 'DnsConfig?' ? undefined : Properties[name.replace('?', '')] ?? null));
}

/** The same physical resource under another logical ID. CloudFormation creates the new one before it deletes the old one. */
export function sameUnderAnotherId(comparison: Comparison): Finding[] {
  return comparison.created.flatMap(created => {
    const identity = identityOf(created);
    if (identity === undefined || !comparison.means(created.Properties && identityProperties(created))) return [];
    const old = comparison.deleted.find(each => each.Type === created.Type && identityOf(each) === identity);
    if (old === undefined) return [];
    const what = UNNAMED.test(created.Type)
      ? `is the same as ${nameOf(old)}, which is deleted later. EC2 rejects a second one.`
      : `has the name of ${nameOf(old)}, which is deleted later${old.DeletionPolicy === 'Retain' ? ' or not at all' : ''}. AWS rejects a second one.`;
    return [fails(nameOf(created), `${created.Type} ${what}`, KEEP)];
  });
}

function identityProperties({ Type, Properties = {} }: Identified): unknown[] {
  return IDENTITIES[Type].map(name => Properties[name.replace('?', '')]);
}

/** The same setting under another ID. CloudFormation writes it again, and removes it during cleanup. */
export function sameSetting(comparison: Comparison): Finding[] {
  const valuesOf = ({ Type, Properties = {} }: Identified) => SETTINGS[Type].map(name => Properties[name] ?? null);
  return comparison.created.filter(each => each.Type in SETTINGS && comparison.means(valuesOf(each))).flatMap(created => {
    const old = comparison.deleted.find(each => each.Type === created.Type && textOf(valuesOf(each)) === textOf(valuesOf(created)));
    if (old === undefined) return [];
    const what = created.Type === 'AWS::ApplicationAutoScaling::ScalableTarget'
      ? `scales the same resource as ${nameOf(old)}. When CloudFormation deletes that one during cleanup, it deregisters the target with all its policies.`
      : `${created.Type} is the same setting as ${nameOf(old)}. When CloudFormation deletes that one during cleanup, it removes the setting.`;
    return [loses(nameOf(created), what, KEEP)];
  });
}

/** Another type under the same logical ID. */
export function otherType({ before, after }: Comparison): Finding[] {
  return Object.keys(before.Resources).filter(id => id in after.Resources && before.Resources[id].Type !== after.Resources[id].Type).map(id => fails(
    id, `changes its type from ${before.Resources[id].Type} to ${after.Resources[id].Type}. CloudFormation does not allow that.`,
    'Give the new construct another ID.',
  ));
}

/** Resources whose replacement loses something. */
const CRITICAL: { readonly [type: string]: string } = {
  'AWS::ECS::Service': 'all its tasks are started again, and its metrics and events start anew',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'the new one has another DNS name',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'the listener switches to a group without healthy tasks',
  'AWS::ECR::Repository': 'the new one has no images',
};

/** Replacements. The replacement of a resource with a fixed name fails. */
export function replacements(comparison: Comparison): Finding[] {
  const find = (id: string): { old: Identified; now: Identified } => ({
    old: { id, ...comparison.before.Resources[id] }, now: { id, ...comparison.after.Resources[id] },
  });
  const certain = [...comparison.replaced].flatMap(([id, properties]) => {
    const { old, now } = find(id);
    if (now.Type === 'AWS::ECS::TaskDefinition') return [];
    const because = `${now.Type} is replaced, because ${properties.join(', ')} changes`;
    const fix = fixOf(now.Type, properties);
    if (identityOf(now) !== undefined && identityOf(old) === identityOf(now) && !UNNAMED.test(now.Type)) {
      return [fails(nameOf(now), `${because}. CloudFormation cannot replace a resource that keeps its name.`, fix)];
    }
    const harm = CRITICAL[now.Type] ?? (isStateful(now.Type) ? 'the new one has no data' : undefined);
    return [harm === undefined ? changes(nameOf(now), `${because}.`, fix) : loses(nameOf(now), `${because}: ${harm}.`, fix)];
  });
  const possible = [...comparison.mayBeReplaced].filter(([id]) => !comparison.replaced.has(id)).map(([id, properties]) => {
    const { now } = find(id);
    const report = isStateful(now.Type) ? loses : changes;
    return report(nameOf(now), `${now.Type} may be replaced, because ${properties.join(', ')} changes.`, fixOf(now.Type, properties));
  });
  return [...certain, ...possible];
}

function fixOf(type: string, properties: readonly string[]): string {
  if (properties.includes('DeploymentController')) return 'Keep what is deployed: set or remove hasDeploymentController in the options of ServiceMigration.';
  if (type === 'AWS::ElasticLoadBalancingV2::TargetGroup') {
    return 'Keep the deployed values: set targetGroupPort and targetGroupName of ServiceMigration, and protocolVersion and targetProtocol of the exposure.';
  }
  return `Keep the deployed value of ${properties.join(', ')}.`;
}

const STATEFUL: readonly string[] = [
  'AWS::Cognito::UserPool', 'AWS::DocDB::DBCluster', 'AWS::DocDB::DBInstance', 'AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table', 'AWS::EC2::Volume',
  'AWS::ECR::Repository', 'AWS::EFS::FileSystem', 'AWS::ElastiCache::CacheCluster', 'AWS::ElastiCache::ReplicationGroup', 'AWS::Elasticsearch::Domain',
  'AWS::FSx::FileSystem', 'AWS::KMS::Key', 'AWS::Kinesis::Stream', 'AWS::Logs::LogGroup', 'AWS::Neptune::DBCluster', 'AWS::Neptune::DBInstance',
  'AWS::OpenSearchService::Domain', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance', 'AWS::Redshift::Cluster', 'AWS::S3::Bucket', 'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
];

/** Whether a resource of this type contains data. */
export function isStateful(type: string): boolean {
  return STATEFUL.includes(type);
}
