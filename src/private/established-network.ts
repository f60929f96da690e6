import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnVPCEndpoint, Connections, IVpc, SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { Dependable, IConstruct, IDependable } from 'constructs';

const ENDPOINTS = new WeakMap<Stack, CfnVPCEndpoint[]>();

/**
 * The routes and the VPC endpoints of the subnets of a task, with the rules of the endpoints' security groups.
 *
 * Without them, tasks cannot pull images, read secrets or write logs. Endpoints are looked up at synthesis, because users can add them after the task.
 */
export class EstablishedNetwork implements IDependable {
  constructor(scope: IConstruct, vpc: IVpc, { internetConnectivityEstablished }: SelectedSubnets) {
    Dependable.implement(this, {
      get dependencyRoots() {
        return [...Dependable.of(internetConnectivityEstablished).dependencyRoots, ...endpointsOf(scope, vpc)];
      },
    });
  }
}

/**
 * The endpoints of a VPC, in the stack of the task and in the stack of the VPC. Endpoints in other stacks are left out: such a stack can depend on
 * the stack of the task, and CDK does not know these dependencies yet.
 */
function endpointsOf(scope: IConstruct, vpc: IVpc): IConstruct[] {
  return [...new Set([Stack.of(scope), Stack.of(vpc)])].flatMap(stack => {
    const vpcId = JSON.stringify(stack.resolve(vpc.vpcId));
    return endpointsIn(stack).filter(endpoint => JSON.stringify(stack.resolve(endpoint.vpcId)) === vpcId).flatMap(withSecurityGroups);
  });
}

/** The endpoints in a stack. Cached, because a stack can have hundreds of services. */
function endpointsIn(stack: Stack): CfnVPCEndpoint[] {
  const endpoints = ENDPOINTS.get(stack) ?? stack.node.findAll().filter((each): each is CfnVPCEndpoint =>
    CfnResource.isCfnResource(each) && each.cfnResourceType === CfnVPCEndpoint.CFN_RESOURCE_TYPE_NAME && Stack.of(each) === stack);
  ENDPOINTS.set(stack, endpoints);
  return endpoints;
}

/** An endpoint with its security groups, which contain the rules that allow other groups, such as the group of the task. */
function withSecurityGroups(resource: CfnVPCEndpoint): IConstruct[] {
  const endpoint = resource.node.scope as IConstruct & { readonly connections?: Connections };
  return [resource, ...endpoint.connections?.securityGroups ?? []];
}
