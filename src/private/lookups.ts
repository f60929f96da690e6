import { Token } from 'aws-cdk-lib';
import { IVpc, SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';

// The CLI only looks something up when an app has come through its synthesis without it. For that CDK answers with the like of these, of which
// nothing can be said that holds for the real thing. The tests hold them against the CDK that is installed.
// https://docs.aws.amazon.com/cdk/v2/guide/context.html
const DUMMIES = [
  // StringParameter.valueFromLookup; users make longer texts of it.
  /dummy-value-for-/,
  // Vpc.fromLookup
  /^vpc-12345$/,
  // The availability zones of a stack.
  /^dummy1[abc]$/,
  // fromLookup of load balancers and listeners.
  /^arn:aws:elasticloadbalancing:us-west-2:123456789012:(?:loadbalancer|listener)\/\w+\/my-load-balancer\/50dc6c495c0c9188/,
  // Repository.fromLookup, Role.fromLookup
  /(?:^|\/)DUMMY_ARN$/,
];

/** Whether a text stands for something that the CLI has still to look up. */
export function isPendingLookup(value: unknown): boolean {
  return typeof value === 'string' && DUMMIES.some(dummy => dummy.test(value));
}

/** Whether a value says something: it is neither only known at deployment nor still to be looked up. */
export function isKnown(value: unknown): boolean {
  return !Token.isUnresolved(value) && !isPendingLookup(value);
}

/** Whether nobody knows yet which zones a VPC of this app has, or how many. */
export function hasPendingZones({ availabilityZones }: IVpc): boolean {
  return availabilityZones.some(isPendingLookup);
}

/** Whether nobody knows yet which subnets are selected: none has the name of a zone that is still to be looked up. */
export function isPendingSelection(vpc: IVpc, { isPendingLookup: isPending, subnets }: SelectedSubnets): boolean {
  return isPending === true || (subnets.length === 0 && hasPendingZones(vpc));
}

/** Whether a resource is only referred to: what this app creates has a resource of CloudFormation as its default child. */
export function isImported(resource: IConstruct): boolean {
  return resource.node.defaultChild === undefined;
}
