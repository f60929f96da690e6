import { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { isImported, isKnown } from '../../../private/lookups';
import { reject } from '../../../private/validation';

/** A load balancer reaches the addresses of its own VPC only. What is imported may be the same under another name. */
export function checkVpc(scope: Construct, ofLoadBalancer: IVpc | undefined, ofService: IVpc): void {
  if (ofLoadBalancer === undefined || ofLoadBalancer === ofService) {
    return;
  }
  const ids = [ofLoadBalancer.vpcId, ofService.vpcId];
  const bothKnown = ids.every(isKnown) && ids[0] !== ids[1];
  if (bothKnown || [ofLoadBalancer, ofService].every(vpc => !isImported(vpc))) {
    reject(scope, {
      property: 'exposure', must: `be a load balancer in ${ofService.node.path}, the VPC of the service`, got: ofLoadBalancer.node.path,
      fix: 'Use a load balancer in the VPC of the cluster.',
    });
  }
}
