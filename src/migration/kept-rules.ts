import { IAspect, Aspects, CfnResource, Names } from 'aws-cdk-lib';
import { CfnSecurityGroupEgress, CfnSecurityGroupIngress, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { OldConstruct } from './old-construct';

/** A security group that replaces the one of another construct. */
export interface KeptGroup {
  readonly group: ISecurityGroup;
  readonly old: OldConstruct;
}

/**
 * Keeps the logical IDs of the rules between security groups, also of groups that belong to the user, such as the one of a database. aws-cdk names them by
 * both groups. With another ID, CloudFormation would create the same rule a second time before it deletes the first one, which EC2 rejects.
 *
 * Runs at the end of synthesis, because rules can be added until then.
 */
export function keepRules(scope: IConstruct, groups: readonly KeptGroup[]): void {
  if (groups.length > 0) Aspects.of(scope.node.root).add(new KeptRules(groups));
}

class KeptRules implements IAspect {
  private readonly ids: readonly (readonly [string, string])[];

  constructor(private readonly groups: readonly KeptGroup[]) {
    this.ids = groups.map(({ group, old }) => [Names.uniqueId(group), old.uniqueId()]);
  }

  public visit(rule: IConstruct): void {
    if (!CfnResource.isCfnResource(rule) || !(isIngress(rule) || isEgress(rule))) return;
    const { id, scope } = rule.node;
    const oldId = this.renamed(id);
    const owner = this.groups.find(({ group }) => group === scope);
    if (oldId === id && owner === undefined) return;
    // The same ID again, so that rules of another port stay apart.
    const old = owner === undefined ? new OldConstruct(scope as IConstruct, oldId) : owner.old.child(oldId);
    rule.overrideLogicalId(old.logicalId(''));
    if (rule.description !== undefined) rule.description = this.renamed(rule.description);
  }

  private renamed(text: string): string {
    return this.ids.reduce((result, [now, before]) => result.replaceAll(now, before), text);
  }
}

function isIngress(rule: CfnResource): rule is CfnSecurityGroupIngress {
  return rule.cfnResourceType === CfnSecurityGroupIngress.CFN_RESOURCE_TYPE_NAME;
}

function isEgress(rule: CfnResource): rule is CfnSecurityGroupEgress {
  return rule.cfnResourceType === CfnSecurityGroupEgress.CFN_RESOURCE_TYPE_NAME;
}
