import { Aspects, CfnResource, IAspect, Names, Stage } from 'aws-cdk-lib';
import { CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { CfnSecurityGroupEgress, CfnSecurityGroupIngress, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct, IConstruct } from 'constructs';
import { OldConstruct } from './old-construct';

/** A new security group that takes over the security group of a deployed construct. */
export interface KeptGroup {
  readonly group: ISecurityGroup;
  readonly old: OldConstruct;
}

/** The resources of a service to which other code can add resources until the end of synthesis. */
export interface LaterResources {
  readonly groups: readonly KeptGroup[];
  /** The new ECS service, whose scalable target and policies are below it. */
  readonly service: IConstruct;
  readonly oldService: OldConstruct;
}

/** Keeps the logical IDs of resources that other code adds, before or after this call. */
export function keepLater(scope: Construct, resources: LaterResources): void {
  // On the stage, because aspects do not apply to other stages.
  Aspects.of(Stage.of(scope) ?? scope.node.root).add(new KeptAtSynthesis(resources));
}

class KeptAtSynthesis implements IAspect {
  private readonly ids: readonly (readonly [string, string])[];
  private readonly scaling: string;

  constructor(private readonly resources: LaterResources) {
    this.ids = resources.groups.map(({ group, old }) => [Names.uniqueId(group), old.uniqueId()]);
    this.scaling = `${resources.service.node.path}/TaskCount/`;
  }

  public visit(resource: IConstruct): void {
    if (!CfnResource.isCfnResource(resource)) return;
    if (isRule(resource)) this.keepRule(resource);
    if (resource.node.path.startsWith(this.scaling)) this.keepScaling(resource);
  }

  /**
   * Keeps the logical ID of a rule between two security groups, which is derived from both groups. With another ID, CloudFormation would create the
   * same rule a second time before it deletes the first one, which EC2 rejects. One of the groups can belong to the user, e.g. that of a database.
   */
  private keepRule(rule: CfnSecurityGroupIngress | CfnSecurityGroupEgress): void {
    const { id, scope } = rule.node;
    const owner = this.resources.groups.find(({ group }) => group === scope);
    const oldId = this.renamed(id);
    if (oldId === id && owner === undefined) return;
    const old = owner === undefined ? new OldConstruct(scope as Construct, oldId) : owner.old.child(oldId);
    old.keepLogicalId(rule, '');
    if (rule.description !== undefined) rule.description = this.renamed(rule.description);
  }

  /** The scalable target, and policies and alarms that code adds to the ECS service. */
  private keepScaling(resource: CfnResource): void {
    const old = this.resources.oldService.child(resource.node.path.slice(this.resources.service.node.path.length + 1));
    old.keepLogicalId(resource, '');
    const { scope } = resource.node;
    if (CfnScalingPolicy.isCfnScalingPolicy(resource) && resource.policyName === Names.uniqueId(scope as Construct)) {
      resource.policyName = old.parent().uniqueId();
    }
  }

  private renamed(text: string): string {
    return this.ids.reduce((result, [now, before]) => result.replaceAll(now, before), text);
  }
}

function isRule(resource: CfnResource): resource is CfnSecurityGroupIngress | CfnSecurityGroupEgress {
  return [CfnSecurityGroupIngress, CfnSecurityGroupEgress].some(type => resource.cfnResourceType === type.CFN_RESOURCE_TYPE_NAME);
}
