import * as fs from 'fs';
import * as path from 'path';
import { App, FeatureFlags, Stack, Stage } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Connections, IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer, IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { HostedZone, IHostedZone } from 'aws-cdk-lib/aws-route53';
import { ECS_PATTERNS_SEC_GROUPS_DISABLES_IMPLICIT_OPEN_LISTENER } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { FEATURE_FLAGS } from './cdk-init';
import { effectsOf, PlainTemplate } from './replacements';
import { existingVpc } from './stack';
import { checkMigration } from '../../src/migration-check/check-migration';
import { Severity } from '../../src/migration-check/finding';

export const NGINX = ContainerImage.fromRegistry('nginx');
export const ENV = { account: '111122223333', region: 'eu-west-1' };

/** The parts of both programs. */
export interface Shared {
  readonly app: App;
  readonly scope: Construct;
  readonly stack: Stack;
  readonly vpc: IVpc;
  readonly cluster: ICluster;
  readonly zone: IHostedZone;
  readonly certificate: Certificate;
}

export interface Program<Result = unknown> { (shared: Shared): Result }

function shared(flags: Record<string, unknown>, where: (app: App) => Construct): Shared {
  const app = new App({ context: flags, treeMetadata: false });
  const scope = where(app);
  const stack = Stack.of(scope);
  const vpc = existingVpc(stack);
  const cluster = new Cluster(stack, 'Cluster', { vpc, enableFargateCapacityProviders: true });
  const zone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });
  return { app, scope, stack, vpc, cluster, zone, certificate: new Certificate(stack, 'OwnCertificate', { domainName: 'own.example.com' }) };
}

export const FLAGS: Record<string, Record<string, unknown>> = { 'without feature flags': {}, 'with the feature flags of a new app': FEATURE_FLAGS };

const inStack = (app: App): Construct => new Stack(app, 'Shop', { env: ENV });

/** The templates of the deployed and of the new program. */
export function templates(flags: Record<string, unknown>, old: Program, now: Program, where = inStack): [PlainTemplate, PlainTemplate] {
  const [before, after] = [old, now].map(program => {
    const place = shared(flags, where);
    program(place);
    place.app.synth();
    // Nested stacks have their own templates.
    return JSON.parse(fs.readFileSync(path.join((Stage.of(place.stack) ?? place.app).outdir, place.stack.templateFile), 'utf8')) as PlainTemplate;
  });
  return [before, after];
}

/** Only the task definition is replaced, nothing is deleted, all outputs stay, and the check reports no failure and no loss. */
export function expectTakeover([before, after]: [PlainTemplate, PlainTemplate], { created = [] as string[], deleted = [] as string[] } = {}): void {
  const effects = effectsOf(before, after);
  const typesOf = (ids: string[], { Resources }: PlainTemplate) => ids.map(id => Resources[id].Type);
  expect(typesOf(effects.replaced, before).filter(type => type !== 'AWS::ECS::TaskDefinition')).toEqual([]);
  expect(typesOf(effects.deleted, before).sort()).toEqual([...deleted].sort());
  expect(typesOf(effects.created, after).sort()).toEqual([...created].sort());
  expect(outputsOf(after)).toEqual(outputsOf(before));
  expect(rulesIn(after, before)).toEqual(rulesIn(before, before));
  expect(checkMigration(before, after).filter(({ severity }) => severity !== Severity.CHANGES)).toEqual([]);
}

/** The DNS record of the pattern and its name are the same text. */
function outputsOf({ Outputs }: PlainTemplate): unknown {
  const isRecord = (value: unknown) => /Ref":"ServiceDNS/.test(JSON.stringify(value) ?? '');
  return Object.entries(Outputs ?? {}).sort(([one], [other]) => one < other ? -1 : 1).map(([id, { Value }]) => [id, isRecord(Value) ? 'https://shop.example.com' : Value]);
}

/** The inbound rules in each deployed security group. */
function rulesIn({ Resources }: PlainTemplate, before: PlainTemplate): unknown {
  const groups = Object.entries(Resources).filter(([id, { Type }]) => Type === 'AWS::EC2::SecurityGroup' && id in before.Resources).sort();
  const inbound = ({ SecurityGroupIngress: rules }: { readonly [name: string]: unknown } = {}) =>
    (rules as object[] | undefined)?.map(rule => ({ ...rule, Description: undefined }));
  return groups.map(([id, { Properties }]) => [id, inbound(Properties)]);
}

export const web = { image: NGINX, port: 80 };
export const alb = ({ stack, vpc }: Shared, internetFacing = true): ApplicationLoadBalancer =>
  stack.node.tryFindChild('Alb') as ApplicationLoadBalancer | undefined ?? new ApplicationLoadBalancer(stack, 'Alb', { vpc, internetFacing });
// Without the feature flag, the pattern opens the load balancer to everybody.
export const implicitly = ({ stack }: Shared) =>
  FeatureFlags.of(stack).isEnabled(ECS_PATTERNS_SEC_GROUPS_DISABLES_IMPLICIT_OPEN_LISTENER) ? [] : [Peer.anyIpv4()];
/** One database per program. */
export const database = ({ stack, vpc }: Shared): Connections => {
  const group = stack.node.tryFindChild('Database') as SecurityGroup | undefined ?? new SecurityGroup(stack, 'Database', { vpc });
  return new Connections({ defaultPort: Port.tcp(5432), securityGroups: [group] });
};
export const roles = ({ stack }: Shared) => ({
  taskRole: new Role(stack, 'TaskRole', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
  executionRole: new Role(stack, 'ExecutionRole', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
});

export function importedAlb({ stack, vpc }: Shared): IApplicationLoadBalancer {
  return ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'Imported', {
    loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shared/123', securityGroupId: 'sg-1',
    loadBalancerDnsName: 'shared.example.com', loadBalancerCanonicalHostedZoneId: 'Z2', vpc,
  });
}

