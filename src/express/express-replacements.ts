import { CONTAINERS_FIX } from './express-containers';

const IN_CONTAINER = 'Write it in the options of the container: containers: { Main: { … } }.';

/** How to get what Express Mode decides on its own. */
const decided = (what: string) => `Leave it out: Express Mode ${what}. Use FargateService to choose it.`;
const lacks = (what: string) => `Leave it out: Express Mode has no ${what}. Use FargateService.`;

const LOAD_BALANCER = decided('creates the load balancer, its HTTPS listener and its certificate');
const DEPLOYMENT = decided('deploys with a canary of 5 percent and rolls back on errors');
const DOMAIN = 'Leave it out: Express Mode has no custom domain. Put CloudFront in front of the endpoint, or use FargateService with Exposure.publicHttps(…).';
const SCALING = 'Write scaling: Scaling.between(1, 20).onCpu(60).';

/** Names that users know from `FargateService`, from aws-cdk and from App Runner. */
export const EXPRESS_REPLACEMENTS: { readonly [name: string]: string } = {
  container: CONTAINERS_FIX,
  sidecars: 'Write containers: { Main: { … }, sidecar: { … } }.',
  primaryContainer: CONTAINERS_FIX,
  image: CONTAINERS_FIX,
  port: CONTAINERS_FIX,
  containerPort: CONTAINERS_FIX,
  taskDefinition: 'Write containers: { Main: { image, port: 8080 } }. The construct creates the task definition.',
  taskDefinitionArn: 'Write containers: { Main: { image, port: 8080 } }. The construct creates the task definition.',
  environment: IN_CONTAINER,
  secrets: IN_CONTAINER,
  command: IN_CONTAINER,
  healthCheck: 'Write healthCheckPath: \'/health\', or healthCheck in the options of a container.',
  vpc: 'Leave it out: the cluster has the VPC.',
  subnets: 'Write vpcSubnets.',
  networkConfiguration: 'Write vpcSubnets and securityGroups.',
  cpu: 'Write size, e.g. FargateSize.of(256, 512).',
  memory: 'Write size, e.g. FargateSize.of(256, 512).',
  memoryLimitMiB: 'Write size, e.g. FargateSize.of(256, 512).',
  scalingTarget: SCALING,
  autoScaling: SCALING,
  autoScalingConfiguration: SCALING,
  desiredCount: 'Write scaling: Scaling.between(2, 20).onCpu(60), which starts with the minimum.',
  minTasks: SCALING,
  maxTasks: SCALING,
  accessRole: 'Leave it out: the execution role may pull the image.',
  instanceRole: 'Write taskRole.',
  exposure: LOAD_BALANCER,
  loadBalancer: LOAD_BALANCER,
  publicLoadBalancer: 'Leave it out: the load balancer is public in public subnets, and internal in private ones. Write vpcSubnets.',
  isPubliclyAccessible: 'Leave it out: the load balancer is public in public subnets, and internal in private ones. Write vpcSubnets.',
  listenerPort: LOAD_BALANCER,
  sslPolicy: LOAD_BALANCER,
  certificate: DOMAIN,
  domainName: DOMAIN,
  domainZone: DOMAIN,
  customDomain: DOMAIN,
  deployment: DEPLOYMENT,
  circuitBreaker: DEPLOYMENT,
  deploymentStrategy: DEPLOYMENT,
  deploymentAlarms: DEPLOYMENT,
  bakeTime: DEPLOYMENT,
  minHealthyPercent: DEPLOYMENT,
  maxHealthyPercent: DEPLOYMENT,
  healthCheckGracePeriod: decided('waits for five minutes'),
  capacity: decided('runs tasks on demand, without Spot'),
  capacityProviderStrategies: decided('runs tasks on demand, without Spot'),
  assignPublicIp: decided('assigns public addresses in public subnets only'),
  platformVersion: decided('uses the latest platform version'),
  enableExecuteCommand: lacks('ECS Exec'),
  placement: lacks('placement'),
  serviceConnectConfiguration: lacks('Service Connect'),
  cloudMapOptions: lacks('service discovery'),
  volumeConfigurations: lacks('EBS volumes'),
};
