import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { SubnetType, Vpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ApplicationLoadBalancer, ListenerAction, NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import { Exposure, FargateService, HttpRoute, ListeningPort, NetworkPort, ServerIdentity } from 'cdk-container-delivery';

// Every kind of exposure, in one network. Synthesized, not deployed: names and certificates are invented.
const app = new App();
const stack = new Stack(app, 'Exposures');
const vpc = new Vpc(stack, 'Vpc', {
  maxAzs: 2, natGateways: 0,
  subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }, { name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
});
const cluster = new Cluster(stack, 'Cluster', { vpc });
cluster.addDefaultCloudMapNamespace({ name: 'internal' });
const zone = PublicHostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789', zoneName: 'example.com' });
const certificate = Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:eu-west-1:111122223333:certificate/${'0'.repeat(8)}`);

const shared = new ApplicationLoadBalancer(stack, 'Shared', { vpc });
const listener: ApplicationListener = shared.addListener('Listener', { port: 80, open: false, defaultAction: ListenerAction.fixedResponse(404) });
const network = new NetworkLoadBalancer(stack, 'Network', { vpc, securityGroups: [new SecurityGroup(stack, 'NetworkGroup', { vpc })] });

const exposures: { [name: string]: Exposure } = {
  PublicHttp: Exposure.publicHttp(),
  InternalHttp: Exposure.internalHttp(),
  PublicHttps: Exposure.publicHttps(ServerIdentity.domain('shop.example.com', zone)),
  InternalHttps: Exposure.internalHttps(ServerIdentity.certificate(certificate)),
  OnListener: Exposure.onListener(listener, HttpRoute.host('app.example.com').andPath('/api/*')),
  OnLoadBalancer: Exposure.onLoadBalancer(shared, { port: 8080 }),
  PublicNetwork: Exposure.publicNetwork({ ports: [NetworkPort.tls(443, certificate), NetworkPort.tcp(80), NetworkPort.udp(53)] }),
  InternalNetwork: Exposure.internalNetwork(),
  OnNetworkLoadBalancer: Exposure.onNetworkLoadBalancer(network),
  ServiceConnect: Exposure.serviceConnect(),
  ServiceConnectClient: Exposure.serviceConnectClient(),
  CloudMap: Exposure.cloudMap({ name: 'records' }),
  Several: Exposure.publicHttp().also('Mesh', Exposure.serviceConnect({ dnsName: 'several' })),
  None: Exposure.none(),
};
for (const [name, exposure] of Object.entries(exposures)) {
  new FargateService(stack, name, {
    cluster,
    containers: { [name.toLowerCase()]: { image: ContainerImage.fromRegistry('nginx'), port: 80, additionalPorts: [ListeningPort.udp(53)] } },
    exposure,
  });
}
new IntegTest(app, 'Integ', { testCases: [stack] });
