import { Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, EnvironmentFile } from 'aws-cdk-lib/aws-ecs';
import { AccountPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Platform, SigningProfile } from 'aws-cdk-lib/aws-signer';
import {
  AcceptedFinding, ContainerDependency, ContainerOptions, Deployment, DeploymentHook, DeploymentStage, Exposure, FargateService, ImageRepository,
  ImageEncryption, ImageSource, ListeningPort, ManagedSigning, NetworkPort, PullThroughCache, RegistryPolicy, RegistrySettings, ReplicationRule,
  RepositoryCreation, RepositoryCreationTemplate, Scaling, ScanGate, ServerIdentity, Severity,
} from '../src';
import { certificateIn, clusterOf, exposed, newRegionalStack, zoneIn } from './helpers/http-exposure';
import { APP, Template } from './helpers/stack';

interface Resource { readonly Type: string; readonly Properties?: unknown }
type Resources = { [id: string]: Resource };

/** A list option: builds a stack with items of this list. */
interface ListOption {
  readonly name: string;
  readonly build: (stack: Stack, take: <Item>(items: Item[]) => Item[]) => void;
}

const NGINX = ContainerImage.fromRegistry('nginx');

function serviceWith(stack: Stack, options: Partial<ContainerOptions>): void {
  new FargateService(stack, 'Service', {
    cluster: clusterOf(stack),
    containers: {
      first: { image: NGINX, essential: false }, other: { image: NGINX, essential: false }, web: { image: NGINX, port: 80, ...options },
    },
  });
}

const named = (stack: Stack) => ['one', 'two', 'three'].map(id => certificateIn(stack, 'eu-west-1', id));
const groups = (stack: Stack) => ['One', 'Two', 'Three'].map(id => new SecurityGroup(stack, id, { vpc: clusterOf(stack).vpc }));
const roles = (stack: Stack) => ['One', 'Two', 'Three'].map(id => new Role(stack, id, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));
const alarms = (stack: Stack) => ['One', 'Two', 'Three'].map(id => new Alarm(stack, id, {
  metric: new Metric({ namespace: 'App', metricName: id }), threshold: 1, evaluationPeriods: 1,
}));

const LISTS: ListOption[] = [
  {
    name: 'additionalCertificates',
    build: (stack, take) => exposed(
      Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack)), { additionalCertificates: take(named(stack)) }), { stack }),
  },
  {
    name: 'alternativeNames',
    build: (stack, take) => exposed(Exposure.publicHttps(
      ServerIdentity.domain('a.example.com', zoneIn(stack), { alternativeNames: take(['b', 'c', 'd'].map(label => `${label}.example.com`)) })), { stack }),
  },
  {
    name: 'alternativeNames with an existing certificate',
    build: (stack, take) => exposed(Exposure.publicHttps(ServerIdentity.domain('a.example.com', zoneIn(stack), {
      certificate: certificateIn(stack), alternativeNames: take(['b.example.com', 'c.example.com', 'd.example.com']),
    })), { stack }),
  },
  {
    name: 'openTo', build: (stack, take) => exposed(Exposure.internalHttp({ openTo: take(groups(stack)) }), { stack }),
  },
  {
    name: 'openTo of Cloud Map',
    build: (stack, take) => exposed(Exposure.cloudMap({
      name: 'web', namespace: new PrivateDnsNamespace(stack, 'Names', { name: 'team.local', vpc: clusterOf(stack).vpc }), openTo: take(groups(stack)),
    }), { stack }),
  },
  {
    name: 'securityGroups',
    build: (stack, take) => new FargateService(stack, 'Service', {
      cluster: clusterOf(stack), containers: { web: { image: NGINX, port: 80 } }, exposure: Exposure.publicHttp(),
      securityGroups: take(groups(stack)),
    }),
  },
  {
    name: 'ports of a network load balancer',
    build: (stack, take) => exposed(Exposure.publicNetwork({
      ports: take([
        NetworkPort.tcp(80, { containerPort: 80 }), NetworkPort.tcp(81, { containerPort: 81 }),
        NetworkPort.tls(443, certificateIn(stack), { containerPort: 82 }),
      ]),
    }), {
      stack, containers: { web: { image: NGINX, port: 80, additionalPorts: [ListeningPort.tcp(81), ListeningPort.tcp(82)] } },
    }),
  },
  { name: 'additionalPorts', build: (stack, take) => serviceWith(stack, { additionalPorts: take([81, 82, 83].map(port => ListeningPort.tcp(port))) }) },
  {
    name: 'environmentFiles',
    build: (stack, take) => {
      const bucket = new Bucket(stack, 'Bucket');
      serviceWith(stack, { environmentFiles: take(['one', 'two', 'three'].map(name => EnvironmentFile.fromBucket(bucket, `${name}.env`))) });
    },
  },
  {
    name: 'dependsOn',
    build: (stack, take) => serviceWith(stack, { dependsOn: take(['first', 'other'].map(name => ContainerDependency.started(name))) }),
  },
  {
    name: 'alarms of a deployment',
    build: (stack, take) => new FargateService(stack, 'Service', {
      cluster: clusterOf(stack), containers: { web: { image: NGINX } }, deployment: Deployment.rolling({ alarms: take(alarms(stack)) }),
    }),
  },
  {
    name: 'hooks',
    build: (stack, take) => new FargateService(stack, 'Service', {
      cluster: clusterOf(stack), containers: { web: { image: NGINX, port: 80 } }, exposure: Exposure.publicHttp(),
      deployment: Deployment.blueGreen({
        hooks: take([DeploymentStage.PRE_SCALE_UP, DeploymentStage.POST_SCALE_UP, DeploymentStage.POST_PRODUCTION_TRAFFIC_SHIFT])
          .map(stage => DeploymentHook.pause({ stages: [stage] })),
      }),
    }),
  },
  {
    name: 'scaling policies',
    build: (stack, take) => {
      const scaling = take<(before: Scaling) => Scaling>([
        before => before.onCpu(60), before => before.onMemory(70), before => before.onRequestsPerTarget(500),
      ]).reduce((before, add) => add(before), Scaling.between(1, 4));
      new FargateService(stack, 'Service', {
        cluster: clusterOf(stack), containers: { web: { image: NGINX, port: 80 } }, exposure: Exposure.publicHttp(), scaling,
      });
    },
  },
  {
    name: 'accounts and principals of an access policy',
    build: (stack, take) => new ImageRepository(stack, 'Repository', {
      pullFrom: { accounts: take(['111111111112', '111111111113', '111111111114']), principals: take(roles(stack)) },
      pushFrom: { principals: take(['222222222222', '222222222223', '222222222224'].map(account => new AccountPrincipal(account))) },
    }),
  },
  {
    name: 'images of a repository',
    build: (stack, take) => {
      const repository = new ImageRepository(stack, 'Repository');
      const scanGate = ScanGate.failOn(Severity.HIGH);
      take(['one', 'two', 'three']).forEach(id => repository.publish(id, ImageSource.registry(`public.ecr.aws/team/${id}:1`), { scanGate }));
    },
  },
  {
    name: 'platforms',
    build: (stack, take) => {
      const source = ImageSource.platforms(take(['one', 'two', 'three'].map(name => ImageSource.registry(`public.ecr.aws/team/${name}:1`))));
      new ImageRepository(stack, 'Repository').publish('image', source);
    },
  },
  {
    name: 'findings that a gate accepts',
    build: (stack, take) => {
      const accept = take(['CVE-2024-1', 'CVE-2024-2', 'CVE-2024-3'].map(name => AcceptedFinding.until(name, '2030-01-01', 'Not reachable.')));
      new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { scanGate: ScanGate.failOn(Severity.HIGH, { accept }) });
    },
  },
  {
    name: 'pull-through caches and creation templates of a registry',
    build: (stack, take) => new RegistrySettings(stack, 'Registry', {
      pullThroughCaches: take([PullThroughCache.ecrPublic(), PullThroughCache.quay(), PullThroughCache.kubernetes()]),
      creationTemplates: take(['one', 'two', 'three'].map(prefix => RepositoryCreationTemplate.forPrefix(prefix, {
        appliedFor: [RepositoryCreation.REPLICATION], encryption: ImageEncryption.kms(new Key(stack, prefix)),
        role: Role.fromRoleName(stack, `${prefix}Role`, 'creation'),
      }))),
    }),
  },
  {
    name: 'replication rules, registry policies and signing rules of a registry',
    build: (stack, take) => new RegistrySettings(stack, 'Registry', {
      replication: take(['us-east-1', 'us-east-2', 'us-west-2'].map(region => ReplicationRule.toRegions([region]))),
      policy: take(['222222222222', '222222222223', '222222222224'].map(account => RegistryPolicy.allowReplicationFrom([account]))),
      signing: take(['one', 'two', 'three'].map(name => ManagedSigning.withProfile(new SigningProfile(stack, name, {
        platform: Platform.NOTATION_OCI_SHA384_ECDSA,
      }), [name]))),
    }),
  },
];

function variant(option: ListOption, take: <Item>(items: Item[]) => Item[]): Resources {
  const stack = newRegionalStack();
  option.build(stack, take);
  return Template.fromStack(stack).toJSON().Resources;
}

/** Resources with the same properties but different logical IDs, where one of the IDs belongs to something else in the other template. */
function movedBetween(before: Resources, after: Resources): string[] {
  const contentOf = (resources: Resources, id: string) => JSON.stringify([resources[id].Type, resources[id].Properties]);
  const unique = (resources: Resources) => {
    const ids = new Map<string, string[]>();
    Object.keys(resources).forEach(id => ids.set(contentOf(resources, id), [...ids.get(contentOf(resources, id)) ?? [], id]));
    return ids;
  };
  const [old, updated] = [unique(before), unique(after)];
  return [...old].flatMap(([content, [id, ...others]]) => {
    const [now] = updated.get(content) ?? [];
    return now === undefined || now === id || others.length > 0 ? [] : [`${id} becomes ${now}`];
  });
}

const CHANGES: [name: string, take: <Item>(items: Item[]) => Item[]][] = [
  ['reversing it', items => [...items].reverse()],
  ['removing its first item', items => items.slice(1)],
  ['moving its first item to the end', items => [...items.slice(1), ...items.slice(0, 1)]],
  ['swapping its first two items', ([first, second, ...others]) => [second, first, ...others].filter(each => each !== undefined)],
];

describe.each(LISTS)('The logical IDs of $name', option => {
  test.each(CHANGES)('stay with their items if %s', (_, take) => {
    expect(movedBetween(variant(option, items => items), variant(option, take))).toEqual([]);
  });
});

test('a certificate keeps its listener certificate if it becomes the default certificate and another one takes its place', () => {
  const build = (take: <Item>(items: Item[]) => Item[]) => {
    const stack = newRegionalStack();
    const [first, ...others] = take(named(stack));
    exposed(Exposure.publicHttps(ServerIdentity.certificate(first), { additionalCertificates: others }), { stack });
    return Template.fromStack(stack).toJSON().Resources as Resources;
  };
  const swap = <Item>([first, second, ...others]: Item[]) => [second, first, ...others];
  expect(movedBetween(build(items => items), build(swap))).toEqual([]);
});

test('the DNS record of a name stays if the name becomes an alternative name', () => {
  const build = (domainName: string, alternativeName: string) => {
    const stack = newRegionalStack();
    const identity = ServerIdentity.domain(domainName, zoneIn(stack), { certificate: certificateIn(stack), alternativeNames: [alternativeName] });
    exposed(Exposure.publicHttps(identity), { stack });
    return Template.fromStack(stack).findResources('AWS::Route53::RecordSet');
  };
  expect(build('b.example.com', 'a.example.com')).toEqual(build('a.example.com', 'b.example.com'));
});

test('a certificate is not replaced if the order of its alternative names changes', () => {
  const build = (...alternativeNames: string[]) => {
    const stack = newRegionalStack();
    exposed(Exposure.publicHttps(ServerIdentity.domain('a.example.com', zoneIn(stack), { alternativeNames })), { stack });
    return Template.fromStack(stack).findResources('AWS::CertificateManager::Certificate');
  };
  expect(build('c.example.com', 'b.example.com')).toEqual(build('b.example.com', 'c.example.com'));
});

test('a second exposure keeps its resources if the first one becomes Exposure.none()', () => {
  const build = (first: Exposure) => {
    const stack = newRegionalStack();
    exposed(first.also('Internal', Exposure.internalHttp()), { stack });
    return Template.fromStack(stack);
  };
  const [before, after] = [build(Exposure.publicHttp()), build(Exposure.none())];
  expect(Object.entries(before.toJSON().Resources)).toEqual(expect.arrayContaining(
    Object.entries(after.findResources('AWS::ElasticLoadBalancingV2::LoadBalancer'))));
  after.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
});
