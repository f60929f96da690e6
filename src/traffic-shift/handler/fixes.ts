import { Properties } from './decode-traffic';
import { AwsCallError } from '../../custom-resource/aws';
import { messageOf, shortText } from '../../custom-resource/text';

/** The fixes for errors of ELB, by error type. */
const FIXES: Readonly<Record<string, (properties: Properties) => string>> = {
  PriorityInUse: ({ Priority }) => `another rule of the listener has the priority ${shortText(Priority) ?? ''}; write another one: `
    + 'Exposure.onListener(listener, route, { priority }). If the other rule was removed or moved in this template, deploy that first. '
    + 'A change between Deployment.rolling() and a strategy that shifts traffic also needs another priority',
  DuplicateListener: ({ Port }) => `another listener of the load balancer has the port ${shortText(Port) ?? ''}; use another port, or remove the other listener first. `
    + 'A network load balancer cannot change from Deployment.rolling() to a strategy that shifts traffic on the same port, unless the service has had '
    + 'Deployment.rolling({ keepAlternateTargetGroup: true }) since its creation',
  TargetGroupAssociationLimit: () => 'a target group belongs to one load balancer; create the service for the other load balancer under another construct ID, then move the clients',
  TooManyRules: () => 'remove rules from the listener, use another listener, or request a higher quota',
  TooManyListeners: () => 'remove listeners from the load balancer, use another one, or request a higher quota',
  TooManyUniqueTargetGroupsPerLoadBalancer: () => 'use another load balancer, or request a higher quota',
  ListenerNotFound: () => 'the listener was deleted outside of CloudFormation; create it again, or give the exposure another one',
  LoadBalancerNotFound: () => 'the load balancer was deleted outside of CloudFormation; give the exposure another one',
  TargetGroupNotFound: () => 'a target group was deleted outside of CloudFormation; create the service again under another construct ID',
  RuleNotFound: () => 'the rule was deleted during the deployment; deploy again',
  CertificateNotFound: () => 'use a certificate that exists in the region of the load balancer',
  UnsupportedCertificate: () => 'use a certificate with a key that ELB supports, for example RSA 2048 or ECDSA P-256',
  SSLPolicyNotFound: () => 'use a security policy that this region has, for example SslPolicy.RECOMMENDED_TLS',
  ALPNPolicyNotFound: () => 'use a policy such as AlpnPolicy.HTTP2_PREFERRED, or leave it out',
  IncompatibleProtocols: () => 'use TCP target groups for a TCP or TLS listener, or change the protocol of the port',
  InvalidLoadBalancerAction: () => 'check the listener: its rules must be able to forward to target groups',
  TooManyTags: () => 'use at most 50 tags for the service',
  OperationNotPermitted: () => 'look for the ARN of the load balancer in CloudTrail to find out who else manages it',
};

/** The message of an error, with the fix for errors of ELB. */
export function explainElb(error: unknown, properties: Properties = {}): string {
  const message = messageOf(error);
  if (!(error instanceof AwsCallError)) return message;
  const fix = error.isTemporary ? 'deploy again' : FIXES[error.type ?? '']?.(properties);
  const usedBy = shortText(properties.UsedBy, 200);
  const subject = usedBy === undefined ? '' : ` (${usedBy})`;
  return fix === undefined ? `${message}${subject}` : `${message}${subject}; ${fix}`;
}
