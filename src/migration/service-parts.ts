import { CfnResource } from 'aws-cdk-lib';
import { ApplicationListener, ILoadBalancerV2, NetworkListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { ContainerService } from '../service/container-service';
import { ListenerPurpose, purposeOf } from '../service/exposure/http/http-listener';

/** The constructs of a service that can take over deployed constructs. Each is undefined if the service does not have it. */
export interface ServiceParts {
  readonly taskDefinition?: IConstruct;
  readonly taskRole?: IConstruct;
  readonly taskRolePolicy?: IConstruct;
  readonly executionRole?: IConstruct;
  readonly executionRolePolicy?: IConstruct;
  readonly logGroup?: IConstruct;
  readonly service: IConstruct;
  readonly taskSecurityGroup?: IConstruct;
  readonly cloudMapService?: IConstruct;
  readonly scalableTarget?: IConstruct;
  /** Scaling policies by their ID, e.g. `Cpu`. */
  readonly policies: ReadonlyMap<string, IConstruct>;
  /** A load balancer of the service alone. */
  readonly loadBalancer?: IConstruct;
  readonly loadBalancerSecurityGroup?: IConstruct;
  /** A load balancer that the service shares, or that the user has created. */
  readonly existingLoadBalancer?: ILoadBalancerV2;
  readonly listener?: IConstruct;
  readonly redirectListener?: IConstruct;
  readonly listenerRule?: IConstruct;
  readonly targetGroup?: IConstruct;
  readonly certificate?: IConstruct;
  readonly dnsRecord?: IConstruct;
}

/** Reads the parts by their exact place in the construct tree. */
export function partsOf(service: ContainerService): ServiceParts {
  const at = (path: string) => find(service, path);
  const exposure = at('Exposure') as IConstruct;
  const place = find(exposure, 'Internal') ?? exposure;
  const loadBalancer = find(place, 'LoadBalancer');
  const httpListener = listenerFor('ServicePort', exposure);
  const network = networkListener(place);
  return {
    taskDefinition: at('TaskDefinition'),
    taskRole: at('TaskDefinition/TaskRole'),
    taskRolePolicy: at('TaskDefinition/TaskRole/DefaultPolicy'),
    executionRole: at('TaskDefinition/ExecutionRole'),
    executionRolePolicy: at('TaskDefinition/ExecutionRole/DefaultPolicy'),
    logGroup: at('Logs'),
    service: at('Service') as IConstruct,
    // The second path is used in subnets with IPv6.
    taskSecurityGroup: at('Service/SecurityGroup') ?? at('SecurityGroup'),
    cloudMapService: at('Service/CloudmapService'),
    scalableTarget: at('Service/TaskCount/Target'),
    policies: new Map(at('Scaling')?.node.children.map(policy => [policy.node.id, policy])),
    loadBalancer,
    // The second path is that of a network load balancer.
    loadBalancerSecurityGroup: loadBalancer && (find(loadBalancer, 'SecurityGroup') ?? find(place, 'SecurityGroup')),
    existingLoadBalancer: loadBalancer === undefined ? service.loadBalancer : undefined,
    listener: httpListener ?? network,
    redirectListener: listenerFor('RedirectPort', exposure),
    listenerRule: find(exposure, 'Rule'),
    targetGroup: targetGroupOf(exposure, httpListener, network),
    certificate: find(exposure, 'Certificate'),
    dnsRecord: exposure.node.children.find(({ node }) => node.id.startsWith('Record-')),
  };
}

/** The construct at a path below another one. */
export function find(scope: IConstruct, path: string): IConstruct | undefined {
  return path.split('/').reduce<IConstruct | undefined>((construct, id) => construct?.node.tryFindChild(id), scope);
}

/** A listener of the first exposure. Further ones are below `Others`. */
function listenerFor(purpose: ListenerPurpose, exposure: IConstruct): IConstruct | undefined {
  const others = find(exposure, 'Others')?.node.findAll() ?? [];
  return exposure.node.findAll().find(each => each instanceof ApplicationListener && purposeOf(each) === purpose && !others.includes(each));
}

/** The listener of the first port of a network load balancer. */
function networkListener(place: IConstruct): IConstruct | undefined {
  return place.node.children.map(port => find(port, 'Listener')).find(each => each instanceof NetworkListener);
}

function targetGroupOf(exposure: IConstruct, httpListener?: IConstruct, network?: IConstruct): IConstruct | undefined {
  if (network !== undefined) return find(network.node.scope as IConstruct, 'TargetGroup');
  return httpListener === undefined ? find(exposure, 'ServiceGroup') : find(httpListener.node.scope as IConstruct, 'Listener/ServiceGroup');
}

/** The L1 resource of a construct. */
export function resourceOf(construct: IConstruct): CfnResource {
  return (construct.node.defaultChild ?? construct) as CfnResource;
}
