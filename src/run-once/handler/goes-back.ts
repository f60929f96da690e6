import { AwsSeams } from '../../custom-resource/aws';
import { CustomResourceEvent } from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';

/**
 * Whether CloudFormation takes a deployment back.
 *
 * When it does not say, the revisions do: a deployment registers a new one, even of an older image; only a rollback names an older one.
 */
export async function goesBack(event: CustomResourceEvent, seams: AwsSeams): Promise<boolean> {
  return await isRolledBack(event.StackId, seams) ?? isOlder(event.ResourceProperties?.TaskDefinition, event.OldResourceProperties?.TaskDefinition);
}

function isOlder(now: unknown, before: unknown): boolean {
  const [one, other] = [now, before].map(arn => /^(.+):(\d+)$/.exec(String(arn)));
  return one !== null && other !== null && one[1] === other[1] && Number(one[2]) < Number(other[2]);
}
