import { App, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer, ListenerAction, NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HttpNamespace, PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Exposure, FargateService, HttpRoute } from '../../../src';
import { Match, Template } from '../../helpers/stack';

const image = ContainerImage.fromRegistry('nginx');

/** A typical app: the network is in its own stack, which deploys first. */
function newApp() {
  const app = new App();
  const infra = new Stack(app, 'Infra');
  const vpc = new Vpc(infra, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const cluster = new Cluster(infra, 'Cluster', { vpc });
  const stack = (id: string) => new Stack(app, id);
  const serve = (scope: Stack, id: string, exposure: Exposure, environment?: { [name: string]: string }) =>
    new FargateService(scope, id, { cluster, containers: { web: { image, port: 80, environment } }, exposure });
  return { app, infra, vpc, cluster, stack, serve };
}

type Scene = ReturnType<typeof newApp>;

/** The dependencies between the stacks of the app. Throws if they are circular. */
function orderOf({ app }: Scene): { [stack: string]: string[] } {
  app.synth();
  const stacks = app.node.children.filter(each => Stack.isStack(each));
  return Object.fromEntries(stacks.map(each => [each.node.id, each.dependencies.map(({ node }) => node.id).sort()]));
}

const hasRule = (stack: Stack, port: number) => Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', Match.objectLike({
  FromPort: port, ToPort: port, SourceSecurityGroupId: Match.anyValue(), Description: Match.stringLikeRegexp('lients|From whom'),
}));

const SHARED: [string, (scene: Scene, client: SecurityGroup) => Exposure][] = [
  ['onLoadBalancer', ({ infra, vpc }, client) => Exposure.onLoadBalancer(new ApplicationLoadBalancer(infra, 'Shared', { vpc }), { openTo: [client] })],
  ['onNetworkLoadBalancer', ({ infra, vpc }, client) => Exposure.onNetworkLoadBalancer(
    new NetworkLoadBalancer(infra, 'Shared', { vpc, securityGroups: [new SecurityGroup(infra, 'Door', { vpc })] }), { openTo: [client] })],
  ['onListener', ({ infra, vpc }, client) => Exposure.onListener(new ApplicationLoadBalancer(infra, 'Shared', { vpc }).addListener('Web', {
    port: 80, open: false, defaultAction: ListenerAction.fixedResponse(404),
  }), HttpRoute.path('/api/*'), { openTo: [client] })],
];

const OWN: [string, (scene: Scene, client: SecurityGroup) => Exposure][] = [
  ['internalHttp', (_scene, client) => Exposure.internalHttp({ openTo: [client] })],
  ['internalNetwork', (_scene, client) => Exposure.internalNetwork({ openTo: [client] })],
  ['serviceConnect', ({ infra }, client) => Exposure.serviceConnect({ namespace: new HttpNamespace(infra, 'Names', { name: 'internal' }), openTo: [client] })],
  ['cloudMap', ({ infra, vpc }, client) => Exposure.cloudMap({ name: 'prices', namespace: new PrivateDnsNamespace(infra, 'Names', { name: 'internal', vpc }), openTo: [client] })],
];

describe('openTo accepts a client of another stack:', () => {
  test.each(SHARED)('%s with a load balancer in an earlier stack and a client in the stack of the service', (_factory, make) => {
    const scene = newApp();
    const services = scene.stack('Services');
    const client = new SecurityGroup(services, 'Client', { vpc: scene.vpc });
    scene.serve(services, 'Prices', make(scene, client));

    expect(orderOf(scene)).toEqual({ Infra: [], Services: ['Infra'] });
    hasRule(services, 80);
  });

  test.each(OWN)('%s with a client in a later stack, which uses the endpoint', (_factory, make) => {
    const scene = newApp();
    const [prices, shop] = [scene.stack('Prices'), scene.stack('Shop')];
    const client = new SecurityGroup(shop, 'Client', { vpc: scene.vpc });
    const { endpoint } = scene.serve(prices, 'Prices', make(scene, client));
    scene.serve(shop, 'Shop', Exposure.none(), { PRICES: endpoint });

    expect(orderOf(scene)).toEqual({ Infra: [], Prices: ['Infra'], Shop: ['Infra', 'Prices'] });
    hasRule(shop, 80);
  });

  test.each(OWN)('%s with a client in an earlier stack, next to the network', (_factory, make) => {
    const scene = newApp();
    const prices = scene.stack('Prices');
    scene.serve(prices, 'Prices', make(scene, new SecurityGroup(scene.infra, 'Bastion', { vpc: scene.vpc })));

    expect(orderOf(scene)).toEqual({ Infra: [], Prices: ['Infra'] });
    hasRule(prices, 80);
  });

  test.each(OWN)('%s with a client in a stack that the service depends on explicitly', (_factory, make) => {
    const scene = newApp();
    const [base, shop, prices] = ['Base', 'Shop', 'Prices'].map(scene.stack);
    shop.addDependency(base);
    prices.addDependency(shop);
    scene.serve(prices, 'Prices', make(scene, new SecurityGroup(base, 'Client', { vpc: scene.vpc })));

    expect(orderOf(scene)).toEqual({ Infra: [], Base: ['Infra'], Shop: ['Base'], Prices: ['Base', 'Infra', 'Shop'] });
  });

  test('another service, without a warning', () => {
    const scene = newApp();
    const [prices, shop] = [scene.stack('Prices'), scene.stack('Shop')];
    const client = scene.serve(shop, 'Shop', Exposure.none());
    scene.serve(prices, 'Prices', Exposure.internalHttp({ openTo: [client] }));

    expect(orderOf(scene)).toEqual({ Infra: [], Prices: ['Infra'], Shop: ['Infra', 'Prices'] });
    hasRule(shop, 80);
    // aws-cdk-lib itself warns about each reference to another stack.
    const ours = Match.not(Match.stringLikeRegexp('^No cross-stack-reference strength'));
    [prices, shop].forEach(stack => expect(Annotations.fromStack(stack).findWarning('*', ours)).toEqual([]));
  });

  test('a client whose security group has restricted outbound rules gets an outbound rule too', () => {
    const scene = newApp();
    const [prices, shop] = [scene.stack('Prices'), scene.stack('Shop')];
    const client = new SecurityGroup(shop, 'Client', { vpc: scene.vpc, allowAllOutbound: false });
    scene.serve(prices, 'Prices', Exposure.internalHttp({ openTo: [client] }));

    expect(orderOf(scene)).toEqual({ Infra: [], Prices: ['Infra'], Shop: ['Infra', 'Prices'] });
    Template.fromStack(shop).hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 80, DestinationSecurityGroupId: Match.anyValue() });
  });

  test('a client imported by its id, which adds no dependency between stacks', () => {
    const scene = newApp();
    const [prices, shop] = [scene.stack('Prices'), scene.stack('Shop')];
    scene.serve(prices, 'Prices', Exposure.internalHttp({ openTo: [SecurityGroup.fromSecurityGroupId(shop, 'Client', 'sg-1')] }));

    expect(orderOf(scene)).toEqual({ Infra: [], Prices: ['Infra'], Shop: [] });
    Template.fromStack(prices).hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: Match.absent(), VpcId: Match.anyValue(),
    });
    Template.fromStack(prices).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId: 'sg-1', FromPort: 80 });
  });
});
