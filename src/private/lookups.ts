import { Token } from 'aws-cdk-lib';
import { IVpc, SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';

// In the first synthesis, before the CDK CLI has looked up a value, CDK returns placeholders like these. They must pass every check. The tests compare
// them with the installed CDK.
// https://docs.aws.amazon.com/cdk/v2/guide/context.html
const DUMMIES = [
  // StringParameter.valueFromLookup. Users can embed it in a longer text.
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

/** Whether a text contains a placeholder of a lookup. */
export function isPendingLookup(value: unknown): boolean {
  return typeof value === 'string' && DUMMIES.some(dummy => dummy.test(value));
}

/** Whether a value is known: it is neither a token nor a placeholder of a lookup. */
export function isKnown(value: unknown): boolean {
  return !Token.isUnresolved(value) && !isPendingLookup(value);
}

/** Whether the availability zones of a VPC of this app are placeholders. */
export function hasPendingZones({ availabilityZones }: IVpc): boolean {
  return availabilityZones.some(isPendingLookup);
}

/** Whether a selection is empty because the availability zones of the VPC are placeholders. */
export function isPendingSelection(vpc: IVpc, { isPendingLookup: isPending, subnets }: SelectedSubnets): boolean {
  return isPending === true || (subnets.length === 0 && hasPendingZones(vpc));
}

/** Whether a resource is imported. A resource of this app has an L1 construct as its default child. */
export function isImported(resource: IConstruct): boolean {
  return resource.node.defaultChild === undefined;
}
