import { checkMigration } from '../../src/migration-check/check-migration';
import { Output, Resource, Template } from '../../src/migration-check/comparison';
import { Finding, Severity } from '../../src/migration-check/finding';

type Resources = { readonly [id: string]: Resource };

const template = (Resources: Resources, Outputs?: { [id: string]: Output }): Template => ({ Resources, Outputs });
const check = (before: Resources, after: Resources): Finding[] => checkMigration(template(before), template(after));
/** The findings as `severity subject: what`. */
const said = (findings: Finding[]): string[] => findings.map(({ severity, subject, what }) => `${severity} ${subject}: ${what}`);

const resource = (Type: string, Properties: Resource['Properties'] = {}, more: Partial<Resource> = {}): Resource => ({ Type, Properties, ...more });
const ref = (Ref: string) => ({ Ref });
const attribute = (...names: string[]) => ({ 'Fn::GetAtt': names });

const LB = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const SERVICE = 'AWS::ECS::Service';
const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';
const REPOSITORY = 'AWS::ECR::Repository';
const INGRESS = 'AWS::EC2::SecurityGroupIngress';
const SG = 'AWS::EC2::SecurityGroup';

describe('the same resource under another ID', () => {
  test.each([
    [REPOSITORY, { RepositoryName: 'shop/web' }],
    [LB, { Name: 'shop' }],
    [GROUP, { Name: 'shop' }],
    [SERVICE, { ServiceName: 'shop', Cluster: 'one' }],
    ['AWS::Logs::LogGroup', { LogGroupName: '/shop' }],
    ['AWS::IAM::Role', { RoleName: 'shop' }],
    ['AWS::S3::Bucket', { BucketName: 'shop' }],
    ['AWS::Route53::RecordSet', { Name: 'shop.example.com.', Type: 'A', HostedZoneId: 'Z1' }],
    ['AWS::ServiceDiscovery::Service', { Name: 'shop', NamespaceId: 'ns-1' }],
  ])('%s with the same name fails', (type, properties) => {
    const found = check({ Old: resource(type, properties) }, { New: resource(type, properties) });
    const fails = found.filter(({ severity }) => severity === Severity.FAILS);

    expect(said(fails)).toEqual([expect.stringMatching(new RegExp(`^fails New: ${type} has the name of Old, which is deleted later.* AWS rejects a second one.$`))]);
  });

  test.each([
    ['another name', REPOSITORY, { RepositoryName: 'one' }, { RepositoryName: 'two' }],
    ['a name that CloudFormation chooses', REPOSITORY, {}, {}],
    ['the same service name in another cluster', SERVICE, { ServiceName: 'shop', Cluster: 'one' }, { ServiceName: 'shop', Cluster: 'two' }],
    ['a record of another type', 'AWS::Route53::RecordSet', { Name: 'a.', Type: 'A', HostedZoneId: 'Z' }, { Name: 'a.', Type: 'AAAA', HostedZoneId: 'Z' }],
  ])('%s does not fail', (_, type, old, now) => {
    expect(check({ Old: resource(type, old) }, { New: resource(type, now) }).filter(({ severity }) => severity === Severity.FAILS)).toEqual([]);
  });

  test('a name that becomes free, because its resource stays under another ID, is not reported', () => {
    expect(check({ Old: resource('AWS::SQS::Queue', { QueueName: 'a' }) }, { Old: resource('AWS::SQS::Queue', { QueueName: 'a' }) })).toEqual([]);
  });

  test('the same security group rule fails, but not with another port or for another group', () => {
    const rule = (port: number, group: string) => resource(INGRESS, { GroupId: attribute(group, 'GroupId'), IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: '10.0.0.0/8' });
    const groups = { Db: resource(SG), Other: resource(SG) };
    const failing = (port: number, group: string) => check({ ...groups, Old: rule(5432, 'Db') }, { ...groups, New: rule(port, group) })
      .filter(({ severity }) => severity === Severity.FAILS);

    expect(said(failing(5432, 'Db'))).toEqual([`fails New: ${INGRESS} is the same as Old, which is deleted later. EC2 rejects a second one.`]);
    expect(failing(5433, 'Db')).toEqual([]);
    expect(failing(5432, 'Other')).toEqual([]);
  });

  test('a rule of a new security group is not a duplicate', () => {
    const rule = resource(INGRESS, { GroupId: attribute('Group', 'GroupId'), IpProtocol: '-1', CidrIp: '10.0.0.0/8' });
    const findings = check(
      { Group: resource(SG, { GroupDescription: 'one' }), Old: rule }, { Group: resource(SG, { GroupDescription: 'two' }), New: rule });

    expect(findings.filter(({ severity }) => severity === Severity.FAILS)).toEqual([]);
  });
});

describe('the same setting under another ID', () => {
  test.each([
    ['AWS::ECS::ClusterCapacityProviderAssociations', { Cluster: 'one', CapacityProviders: ['FARGATE'] }],
    ['AWS::WAFv2::WebACLAssociation', { ResourceArn: 'arn', WebACLArn: 'acl' }],
    ['AWS::S3::BucketPolicy', { Bucket: 'one' }],
    ['AWS::IAM::Policy', { PolicyName: 'one', Roles: ['two'] }],
    ['AWS::ElasticLoadBalancingV2::ListenerCertificate', { ListenerArn: 'one', Certificates: [{ CertificateArn: 'two' }] }],
  ])('%s is removed during cleanup', (type, properties) => {
    expect(said(check({ Old: resource(type, properties) }, { New: resource(type, properties) })))
      .toEqual([`loses New: ${type} is the same setting as Old. When CloudFormation deletes that one during cleanup, it removes the setting.`]);
  });

  test('a setting of another resource, and a policy with another name, are not reported', () => {
    expect(check({ Old: resource('AWS::S3::BucketPolicy', { Bucket: 'one' }) }, { New: resource('AWS::S3::BucketPolicy', { Bucket: 'two' }) })).toEqual([]);
    expect(check({ Old: resource('AWS::IAM::Policy', { PolicyName: 'one', Roles: ['a'] }) }, { New: resource('AWS::IAM::Policy', { PolicyName: 'two', Roles: ['a'] }) })).toEqual([]);
  });
});

describe('scaling', () => {
  const target = resource(TARGET, { ResourceId: { 'Fn::Join': ['/', ['service', ref('Cluster'), attribute('Service', 'Name')]] }, ScalableDimension: 'ecs:service:DesiredCount', ServiceNamespace: 'ecs' });
  const policy = (metric: string, of = 'Target') => resource(POLICY, {
    PolicyName: metric, ScalingTargetId: ref(of),
    TargetTrackingScalingPolicyConfiguration: { PredefinedMetricSpecification: { PredefinedMetricType: metric }, TargetValue: 50 },
  });
  const base = { Cluster: resource('AWS::ECS::Cluster'), Service: resource(SERVICE) };

  test('a scalable target under another ID is lost during cleanup', () => {
    expect(said(check({ ...base, Old: target }, { ...base, New: target }))).toEqual([
      'loses New: scales the same resource as Old. When CloudFormation deletes that one during cleanup, it deregisters the target with all its policies.',
    ]);
  });

  test('a scalable target of a new service is not a duplicate', () => {
    const other = { ...target, Properties: { ...target.Properties, ResourceId: { 'Fn::Join': ['/', ['service', ref('Cluster'), attribute('Other', 'Name')]] } } };

    expect(check({ ...base, Old: target }, { ...base, Other: resource(SERVICE), New: other }).filter(({ subject }) => subject === 'New')).toEqual([]);
  });

  test('a second policy for a metric fails', () => {
    expect(said(check({ ...base, Target: target, Old: policy('Cpu') }, { ...base, Target: target, New: { ...policy('Cpu'), Properties: { ...policy('Cpu').Properties, PolicyName: 'other' } } })))
      .toEqual(['fails New: tracks the same metric as Old, which is deleted later. A target has one policy per metric.']);
  });

  test('a policy for another metric, and one that stays, are not reported', () => {
    expect(check({ ...base, Target: target, Old: policy('Cpu') }, { ...base, Target: target, Old: policy('Cpu'), New: policy('Memory') })).toEqual([]);
  });
});

describe('load balancers', () => {
  const lb = { Lb: resource(LB) };
  const listener = (Port: number, more: Partial<Resource> = {}, of = 'Lb') => resource(LISTENER, { LoadBalancerArn: ref(of), Port, Protocol: 'HTTP' }, more);

  test('a listener on a port that another one still uses fails', () => {
    expect(said(check({ ...lb, Old: listener(80) }, { ...lb, New: listener(80) }))).toEqual(['fails New: needs port 80 of the load balancer, which Old still uses at that time.']);
  });

  test('a listener on such a port fails in a deployment that shifts traffic too', () => {
    const shifting = resource('Custom::TrafficShiftListener', { LoadBalancerArn: ref('Lb'), Port: '80' });

    expect(said(check({ ...lb, Old: listener(80) }, { ...lb, New: shifting }))).toEqual(['fails New: needs port 80 of the load balancer, which Old still uses at that time.']);
  });

  test('a listener on another port or another load balancer is not reported', () => {
    expect(check({ ...lb, Old: listener(80) }, { ...lb, Old: listener(80), New: listener(443) })).toEqual([]);
    expect(check({ ...lb, Old: listener(80) }, { ...lb, Second: resource(LB), Old: listener(80), New: listener(80, {}, 'Second') })).toEqual([]);
  });

  test('a listener that changes its port first makes the port free, if the other one waits for it', () => {
    expect(check({ ...lb, Old: listener(80) }, { ...lb, Old: listener(443), New: listener(80, { DependsOn: ['Old'] }) })).toEqual([]);
    expect(said(check({ ...lb, Old: listener(80) }, { ...lb, Old: listener(443), New: listener(80) }))).toHaveLength(1);
  });

  test('two listeners that swap their ports fail', () => {
    expect(said(check({ ...lb, A: listener(80), B: listener(81) }, { ...lb, A: listener(81), B: listener(80) }))).toHaveLength(2);
  });

  test('a rule with a priority that another one still has fails', () => {
    const rule = (Priority: number) => resource(RULE, { ListenerArn: ref('L'), Priority });
    const base = { ...lb, L: listener(80) };

    expect(said(check({ ...base, Old: rule(10) }, { ...base, New: rule(10) }))).toEqual(['fails New: needs priority 10 of the listener, which Old still has at that time.']);
    expect(check({ ...base, Old: rule(10) }, { ...base, Old: rule(10), New: rule(11) })).toEqual([]);
  });

  test('a load balancer that is deleted loses its DNS name', () => {
    expect(said(check(lb, {}))).toEqual(['loses Lb: the load balancer is deleted with its DNS name.']);
  });

  test('if its DNS record points to the new load balancer, the URL stays', () => {
    const record = (id: string) => resource('AWS::Route53::RecordSet', { Name: 'shop.example.com.', Type: 'A', HostedZoneId: 'Z', AliasTarget: { DNSName: attribute(id, 'DNSName') } });

    expect(said(check({ ...lb, Record: record('Lb') }, { New: resource(LB), Record: record('New') }))).toEqual([expect.stringMatching(/^changes Lb: the load balancer is deleted\. Its DNS records lead to the new one/)]);
  });

  test('changed health checks and delays are listed', () => {
    expect(said(check({ G: resource(GROUP, { HealthyThresholdCount: 5 }) }, { G: resource(GROUP, { HealthyThresholdCount: 2 }) }))).toEqual(['changes G: changes HealthyThresholdCount.']);
  });

  test('security groups that a network load balancer gets later fail, but those of an application load balancer do not', () => {
    const balancer = (Type: string, groups?: string[]) => ({ Lb: resource(LB, { Type, SecurityGroups: groups }) });

    expect(said(check(balancer('network'), balancer('network', ['sg-1'])))).toEqual(['fails Lb: gets security groups. AWS does not allow that for a network load balancer that was created without.']);
    expect(check(balancer('network', ['sg-1']), balancer('network', ['sg-2']))).toEqual([]);
    expect(check(balancer('network'), balancer('network'))).toEqual([]);
    expect(check(balancer('application'), balancer('application', ['sg-1']))).toEqual([]);
  });

  test('a target group that is replaced has no healthy tasks', () => {
    expect(said(check({ G: resource(GROUP, { Port: 8080 }) }, { G: resource(GROUP, { Port: 80 }) })))
      .toEqual([`loses G: ${GROUP} is replaced, because Port changes: the listener switches to a group without healthy tasks.`]);
  });
});

describe('for services', () => {
  test('adding or removing the deployment controller replaces the service', () => {
    const [plain, explicit] = [resource(SERVICE), resource(SERVICE, { DeploymentController: { Type: 'ECS' } })];

    expect(check({ S: plain }, { S: explicit })).toEqual([expect.objectContaining({
      severity: Severity.LOSES, what: expect.stringContaining('because DeploymentController changes'), fix: expect.stringContaining('hasDeploymentController'),
    })]);
    expect(check({ S: explicit }, { S: plain })).toHaveLength(1);
    expect(check({ S: explicit }, { S: explicit })).toEqual([]);
  });

  test('a replacement of a service with a name fails', () => {
    expect(said(check({ S: resource(SERVICE, { ServiceName: 'shop', Cluster: 'c', LaunchType: 'EC2' }) }, { S: resource(SERVICE, { ServiceName: 'shop', Cluster: 'c', LaunchType: 'FARGATE' }) })))
      .toEqual([`fails S: ${SERVICE} is replaced, because LaunchType changes. CloudFormation cannot replace a resource that keeps its name.`]);
  });

  test('a new cluster replaces its services too', () => {
    const service = resource(SERVICE, { Cluster: ref('C') });
    const findings = check({ C: resource('AWS::ECS::Cluster', { ClusterName: 'a' }), S: service }, { C: resource('AWS::ECS::Cluster', { ClusterName: 'b' }), S: service });

    expect(findings.map(({ severity, subject }) => [severity, subject])).toEqual([[Severity.LOSES, 'S'], [Severity.CHANGES, 'C']]);
  });

  test('a new revision of the task definition is not reported', () => {
    const task = (image: string) => resource('AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ Name: 'web', Image: image }] });

    expect(check({ T: task('one'), S: resource(SERVICE, { TaskDefinition: ref('T') }) }, { T: task('two'), S: resource(SERVICE, { TaskDefinition: ref('T') }) })).toEqual([]);
  });

  test('a deleted service without a successor is lost, and otherwise a change', () => {
    expect(said(check({ S: resource(SERVICE) }, {}))).toEqual([expect.stringMatching(/^loses S: the service is deleted/)]);
    expect(said(check({ S: resource(SERVICE) }, { N: resource(SERVICE) }))).toEqual([expect.stringMatching(/^changes S: the service is deleted with its tasks after the new one, N/)]);
  });

  test('an added number of tasks is reported', () => {
    expect(said(check({ S: resource(SERVICE) }, { S: resource(SERVICE, { DesiredCount: 1 }) }))).toEqual([expect.stringMatching(/^loses S: gets DesiredCount 1/)]);
    expect(check({ S: resource(SERVICE, { DesiredCount: 1 }) }, { S: resource(SERVICE) })).toEqual([]);
  });

  test('a changed share of healthy tasks is listed', () => {
    const service = (MinimumHealthyPercent: number) => resource(SERVICE, { DeploymentConfiguration: { MinimumHealthyPercent } });

    expect(said(check({ S: service(50) }, { S: service(100) }))).toEqual(['changes S: keeps 100 instead of 50 percent of its tasks healthy during a deployment.']);
  });
});

describe('Service Connect', () => {
  const program = (options: { protocol?: string; name?: string; port?: string } = {}): Resources => ({
    T: resource('AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ PortMappings: [{ ContainerPort: 80, Name: options.port ?? 'web', AppProtocol: options.protocol }] }] }),
    S: resource(SERVICE, { TaskDefinition: ref('T'), ServiceConnectConfiguration: { Enabled: true, Services: [{ PortName: options.port ?? 'web', DiscoveryName: options.name }] } }),
  });

  test('adding a protocol fails', () => {
    expect(check(program(), program({ protocol: 'http' }))).toEqual([expect.objectContaining({
      severity: Severity.FAILS, what: expect.stringContaining("changes the protocol of 'web' in Service Connect from tcp to http"), fix: 'Write Exposure.serviceConnect({ protocol: ServiceConnectProtocol.TCP }).',
    })]);
  });

  test('changing a protocol fails', () => {
    expect(said(check(program({ protocol: 'http' }), program({ protocol: 'grpc' })))).toHaveLength(1);
  });

  test('the same protocol is not reported, even under another port name with the same discovery name', () => {
    expect(check(program({ protocol: 'http' }), program({ protocol: 'http' }))).toEqual([]);
    expect(check(program({ name: 'shop' }), program({ name: 'shop', port: 'app' }))).toEqual([]);
  });

  test('a removed name is lost', () => {
    expect(said(check(program(), program({ port: 'app' })))).toEqual(["loses S: no longer has the name 'web' in Service Connect, so its clients cannot connect."]);
  });
});

test('a nested stack that is deleted is lost with all its resources, unless it is retained', () => {
  const nested = 'AWS::CloudFormation::Stack';

  expect(said(check({ Nested: resource(nested) }, {}))).toEqual(['loses Nested: the nested stack is deleted with everything in it, which this check has not read.']);
  expect(said(check({ Nested: resource(nested, {}, { DeletionPolicy: 'Retain' }) }, {}))).toEqual([]);
});

test('a resource whose logical ID is a property of every JavaScript object is found too', () => {
  expect(said(check({ constructor: resource('AWS::S3::Bucket') }, {}))).toEqual(['loses constructor: AWS::S3::Bucket is deleted with its content.']);
});

describe('data', () => {
  test.each(['AWS::S3::Bucket', 'AWS::RDS::DBInstance', 'AWS::DynamoDB::Table', 'AWS::EFS::FileSystem', 'AWS::KMS::Key'])('%s that is deleted loses its content', type => {
    expect(said(check({ Data: resource(type) }, {}))).toEqual([`loses Data: ${type} is deleted with its content.`]);
    expect(said(check({ Data: resource(type, {}, { DeletionPolicy: 'Retain' }) }, {}))).toEqual([`changes Data: ${type} remains, but no stack manages it any more.`]);
  });

  test('a snapshot keeps the content', () => {
    expect(said(check({ Data: resource('AWS::RDS::DBInstance', {}, { DeletionPolicy: 'Snapshot' }) }, {}))).toEqual([expect.stringMatching(/^changes/)]);
  });

  test('a repository whose images are deleted with it is lost; without emptyOnDelete it can be retained', () => {
    expect(said(check({ R: resource(REPOSITORY, { EmptyOnDelete: true }) }, {}))).toEqual([`loses R: ${REPOSITORY} is deleted with its content.`]);
    expect(said(check({ R: resource(REPOSITORY) }, {}))).toEqual([expect.stringMatching(/^loses R: .*If it contains images, it remains/)]);
  });

  test('a repository with another encryption is empty', () => {
    expect(said(check({ R: resource(REPOSITORY) }, { R: resource(REPOSITORY, { EncryptionConfiguration: { EncryptionType: 'KMS' } }) })))
      .toEqual([`loses R: ${REPOSITORY} is replaced, because EncryptionConfiguration changes: the new one has no images.`]);
  });

  test('tags that become immutable are listed, and tags that become mutable are not', () => {
    const [mutable, immutable] = [resource(REPOSITORY), resource(REPOSITORY, { ImageTagMutability: 'IMMUTABLE' })];

    expect(said(check({ R: mutable }, { R: immutable }))).toEqual(['changes R: changes its tags from MUTABLE to IMMUTABLE: a push of a tag that exists fails.']);
    expect(check({ R: immutable }, { R: mutable })).toEqual([]);
  });

  test('the custom resource that empties a repository is reported, unless the tag is removed and the repository stays', () => {
    const tagged = resource(REPOSITORY, { Tags: [{ Key: 'aws-cdk:auto-delete-images', Value: 'true' }] });
    const custom = { Custom: resource('Custom::ECRAutoDeleteImages', { RepositoryName: ref('R') }) };
    const reported = (after: Resources) => said(check({ R: tagged, ...custom }, after)).filter(text => text.includes('Custom'));

    expect(reported({ R: tagged })).toEqual(['loses Custom: Custom::ECRAutoDeleteImages is deleted, which deletes the content of R.']);
    expect(reported({})).toHaveLength(1);
    expect(reported({ R: resource(REPOSITORY) })).toEqual([]);
    expect(reported({ R: tagged, ...custom })).toEqual([]);
  });

  test('a shorter retention deletes logs', () => {
    const logs = (RetentionInDays?: number) => resource('AWS::Logs::LogGroup', RetentionInDays === undefined ? {} : { RetentionInDays });

    expect(said(check({ L: logs() }, { L: logs(30) }))).toEqual(['loses L: deletes logs that are older than 30 days.']);
    expect(check({ L: logs(30) }, { L: logs(90) })).toEqual([]);
    expect(check({ L: logs(30) }, { L: logs() })).toEqual([]);
  });

  test('a type that changes under one ID fails', () => {
    expect(said(check({ A: resource('AWS::SQS::Queue') }, { A: resource('AWS::SNS::Topic') }))[0]).toBe('fails A: changes its type from AWS::SQS::Queue to AWS::SNS::Topic. CloudFormation does not allow that.');
  });
});

describe('access', () => {
  const group = (...cidrs: string[]) => resource(SG, { SecurityGroupIngress: cidrs.map(CidrIp => ({ CidrIp, IpProtocol: 'tcp', FromPort: 80, ToPort: 80, Description: `From ${CidrIp}` })) });

  test('clients that lose access are reported', () => {
    expect(said(check({ G: group('0.0.0.0/0') }, { G: group('10.0.0.0/16') }))).toEqual(['loses G: no longer lets in 0.0.0.0/0 on port 80.']);
  });

  test('another description, more clients, and a separate rule for the same clients are not reported', () => {
    const separate = resource(INGRESS, { GroupId: attribute('G', 'GroupId'), CidrIp: '10.0.0.0/16', IpProtocol: 'tcp', FromPort: 80, ToPort: 80 });

    expect(check({ G: group('10.0.0.0/16') }, { G: { ...group('10.0.0.0/16', '10.1.0.0/16') } })).toEqual([]);
    expect(check({ G: group('10.0.0.0/16') }, { G: resource(SG), Rule: separate })).toEqual([]);
  });
});

describe('outputs', () => {
  const withUrl = (url?: Output) => template({}, url && { Url: url });
  const outputs = (before?: Output, after?: Output) => said(checkMigration(withUrl(before), withUrl(after)));

  test('a removed output is lost, a removed export fails', () => {
    expect(outputs({ Value: 'a' })).toEqual(['loses output Url: is removed, so programs that read it fail.']);
    expect(outputs({ Value: 'a', Export: { Name: 'x' } })).toEqual([expect.stringMatching(/^fails output Url: is removed with its export/)]);
  });

  test('a changed value is listed, a changed exported value fails', () => {
    expect(outputs({ Value: attribute('Old', 'DNSName') }, { Value: attribute('New', 'DNSName') })).toEqual(['changes output Url: changes its value from Old to New.']);
    expect(outputs({ Value: 'a', Export: { Name: 'x' } }, { Value: 'b', Export: { Name: 'x' } })).toEqual([expect.stringMatching(/^fails/)]);
  });

  test('an unchanged output and a new one are not reported', () => {
    expect(outputs({ Value: 'a' }, { Value: 'a' })).toEqual([]);
    expect(outputs(undefined, { Value: 'a' })).toEqual([]);
  });
});

test('equal templates have no findings, in any order of keys', () => {
  const one = resource(SERVICE, { Cluster: { 'Fn::Join': ['', ['a', ref('C')]] }, LaunchType: 'FARGATE' });
  const other = resource(SERVICE, { LaunchType: 'FARGATE', Cluster: { 'Fn::Join': ['', ['a', ref('C')]] } });

  expect(check({ S: one }, { S: other })).toEqual([]);
});
