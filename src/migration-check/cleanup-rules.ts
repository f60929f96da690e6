import { Comparison, Identified, isObject, isSame, nameOf, referencesIn, textOf, Values } from './comparison';
import { changes, fails, Finding, KEEP, loses } from './finding';
import { isStateful } from './identity-rules';

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const RECORD = 'AWS::Route53::RecordSet';
const NESTED_STACK = 'AWS::CloudFormation::Stack';
const RETAINED = ['Retain', 'RetainExceptOnCreate'];

/** Resources that CloudFormation deletes after the update. */
export function deletions(comparison: Comparison): Finding[] {
  return comparison.deleted.flatMap(old => {
    const name = nameOf(old);
    if (RETAINED.includes(old.DeletionPolicy ?? '')) {
      return isStateful(old.Type) ? [changes(name, `${old.Type} remains, but no stack manages it any more.`, `Delete it when you no longer need it. ${KEEP}`)] : [];
    }
    if (isStateful(old.Type)) return [lostData(old)];
    if (old.Type === NESTED_STACK) return [loses(name, 'the nested stack is deleted with everything in it, which this check has not read.', KEEP)];
    if (old.Type === LOAD_BALANCER) return [lostAddress(comparison, old)];
    if (old.Type === 'AWS::ECS::Service') {
      const other = comparison.created.find(({ Type }) => Type === old.Type);
      return [other === undefined
        ? loses(name, 'the service is deleted with its tasks, and the new template has no other one.', KEEP)
        : changes(name, `the service is deleted with its tasks after the new one, ${nameOf(other)}, is stable.`, `Move clients before, or keep the service. ${KEEP}`)];
    }
    return [];
  });
}

function lostData(old: Identified): Finding {
  const { Type, DeletionPolicy, Properties } = old;
  if (DeletionPolicy === 'Snapshot') return changes(nameOf(old), `${Type} is deleted after a snapshot of it is taken.`, KEEP);
  if (Type === 'AWS::ECR::Repository' && Properties?.EmptyOnDelete !== true && Properties?.EmptyOnDelete !== 'true') {
    return loses(nameOf(old), `${Type} is deleted. If it contains images, it remains, but no stack manages it any more.`, KEEP);
  }
  return loses(nameOf(old), `${Type} is deleted with its content.`, `${KEEP} Or deploy it first with DeletionPolicy: Retain.`);
}

/** The finding for a deleted load balancer. If DNS records point to the new one, the address of the service is kept. */
function lostAddress(comparison: Comparison, old: Identified): Finding {
  const targets = ({ AliasTarget, ResourceRecords }: Values = {}) => referencesIn([AliasTarget, ResourceRecords]);
  const isOf = (values?: Values) => targets(values).includes(old.id);
  const records = Object.entries(comparison.before.Resources).filter(([, { Type, Properties }]) => Type === RECORD && isOf(Properties));
  const moved = records.filter(([id]) => Object.entries(comparison.after.Resources).some(([otherId, { Type, Properties = {} }]) =>
    Type === RECORD && (otherId === id || isSame(Properties.Name, comparison.before.Resources[id].Properties?.Name))));
  return records.length > 0 && moved.length === records.length
    ? changes(nameOf(old), 'the load balancer is deleted. Its DNS records lead to the new one, but clients with cached addresses fail until they look up the name again.', KEEP)
    : loses(nameOf(old), 'the load balancer is deleted with its DNS name.', KEEP);
}

const EMPTIES: { readonly [type: string]: string } = { 'Custom::ECRAutoDeleteImages': 'RepositoryName', 'Custom::S3AutoDeleteObjects': 'BucketName' };
const EMPTY_TAG = /"Key":"aws-cdk:auto-delete-(images|objects)"/;

/** Repositories and buckets that aws-cdk empties when their custom resource is deleted, unless their tag has been removed first. */
export function emptied(comparison: Comparison): Finding[] {
  return comparison.deleted.flatMap(old => {
    const { [old.Type]: property } = EMPTIES;
    if (property === undefined) return [];
    const [target] = referencesIn(old.Properties?.[property]);
    const { [target]: now } = comparison.after.Resources;
    return now !== undefined && comparison.stays(target) && !EMPTY_TAG.test(textOf(now.Properties?.Tags)) ? [] : [loses(
      nameOf(old), `${old.Type} is deleted, which deletes the content of ${target ?? 'the resource'}.`,
      'Deploy first without autoDeleteImages or autoDeleteObjects, with the resource itself unchanged.',
    )];
  });
}

/** Outputs that change or are removed, although other programs and stacks may read them. */
export function outputs({ before, after }: Comparison): Finding[] {
  return Object.entries(before.Outputs ?? {}).flatMap(([id, old]) => {
    const { [id]: now } = after.Outputs ?? {};
    const exported = old.Export !== undefined;
    if (now === undefined) {
      return [exported
        ? fails(`output ${id}`, 'is removed with its export. CloudFormation refuses that while another stack imports it.', 'Keep it with stack.exportValue(…) until no stack imports it.')
        : loses(`output ${id}`, 'is removed, so programs that read it fail.', 'Add a CfnOutput with this logical ID: overrideLogicalId.')];
    }
    if (isSame(old.Value, now.Value)) return isSame(old.Export, now.Export) || !exported ? [] : [fails(`output ${id}`, 'changes the name of its export.', 'Keep the name.')];
    return [exported
      ? fails(`output ${id}`, 'changes its exported value. CloudFormation refuses that while another stack imports it.', 'Keep the resource that it refers to.')
      : changes(`output ${id}`, `changes its value from ${shown(old.Value)} to ${shown(now.Value)}.`, 'Check the programs that read it.')];
  });
}

function shown(value: unknown): string {
  return isObject(value) ? referencesIn(value).join(' and ') || textOf(value) : String(value);
}

/** Settings of repositories and log groups that stay. */
export function dataSettings(comparison: Comparison): Finding[] {
  const repositories = comparison.kept('AWS::ECR::Repository').flatMap(({ before, after }) => {
    const [was, is] = [before, after].map(({ Properties = {} }) => String(Properties.ImageTagMutability ?? 'MUTABLE'));
    return was === is || is === 'MUTABLE' ? [] : [changes(
      nameOf(after), `changes its tags from ${was} to ${is}: a push of a tag that exists fails.`, 'Write imageTagMutability: ImageTagMutability.immutableExcept(…) for tags that move.',
    )];
  });
  const logs = comparison.kept('AWS::Logs::LogGroup').flatMap(({ before, after }) => {
    const [was, is] = [before, after].map(({ Properties = {} }) => Number(Properties.RetentionInDays ?? Infinity));
    return is < was ? [loses(nameOf(after), `deletes logs that are older than ${is} days.`, 'Set logRetention of ServiceMigration to the deployed value.')] : [];
  });
  return [...repositories, ...logs];
}
