import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import {
  AccessLogs, ContainerSecurity, Exposure, FargateCapacity, FargateService, HttpRoute, ImageRepository, Scaling, ServerIdentity,
} from 'cdk-container-delivery';

/** HTTPS with a domain name, an internal load balancer shared by path, Spot, scaling, and hardened containers. */
export const app = new App();
const stack = new Stack(app, 'Shop', { env: { region: 'eu-west-1' } });

const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
const cluster = new Cluster(stack, 'Cluster', { vpc, containerInsightsV2: ContainerInsights.ENHANCED, enableFargateCapacityProviders: true });
const hostedZone = PublicHostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789', zoneName: 'example.com' });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage(`${__dirname}/app`);

const web = new FargateService(stack, 'Web', {
  cluster,
  containers: { web: { image, memoryLimitMiB: 128, port: 8080, security: ContainerSecurity.hardened() } },
  exposure: Exposure.publicHttps(ServerIdentity.domain('shop.example.com', hostedZone), {
    accessLogs: AccessLogs.ownBucket(), deletionProtection: true,
  }),
  capacity: FargateCapacity.mixed({ onDemandBase: 1, onDemandWeight: 1, spotWeight: 3 }),
  scaling: Scaling.between(2, 10).onCpu(60).onRequestsPerTarget(1000),
});
new CfnOutput(stack, 'Endpoint', { value: web.endpoint });

// One internal load balancer for two services: prices and stock.
const shared = new elbv2.ApplicationLoadBalancer(stack, 'Shared', { vpc, dropInvalidHeaderFields: true, deletionProtection: true });
const listener = shared.addListener('Listener', { port: 80, open: false, defaultAction: ListenerAction.fixedResponse(404) });
listener.connections.allowDefaultPortFrom(web);
for (const name of ['prices', 'stock']) {
  new FargateService(stack, name, {
    cluster,
    containers: { [name]: { image, memoryLimitMiB: 64, port: 8080, security: ContainerSecurity.hardened() } },
    exposure: Exposure.onListener(listener, HttpRoute.path(`/${name}/*`)),
  });
}
