import { DesiredRegistry, decodeRegistry } from './decode-registry';
import { explainAzure, isAccessDenied } from './fixes';
import { DescribedRegistry } from './registry-api';
import { POLL_MILLISECONDS, RegistryRun, TRANSITIONAL_STATES, finished, loginOf, memoOf, prepare, unfinished } from './registry-work';
import { AwsDependencies } from '../../custom-resource/aws';
import { CustomResourceEvent, Outcome, Unfinished, Work, WorkLimits } from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';
import { messageOf } from '../../custom-resource/text';
import { pause } from '../../engine/clock';
import { CREATOR_TAG } from '../azure-registry-properties';

/** The context of one removal. */
interface Removal {
  readonly run: RegistryRun;
  readonly limits: WorkLimits;
  readonly dependencies: AwsDependencies;
  /** Whether CloudFormation is rolling back the creation of the registry. */
  readonly isRollback: boolean;
}

/**
 * The work for Delete.
 *
 * The registry is kept unless `OnRemoval` is `Delete`. In a rollback, CloudFormation deletes the resources that the deployment created, so the
 * registry is deleted if it is still empty. A registry with images is kept, so that a rollback neither deletes images nor fails. A registry or
 * resource group that this resource has not created is never deleted.
 */
export function removalWork(dependencies: AwsDependencies): Work {
  return async (event, limits) => {
    let desired: DesiredRegistry;
    try {
      desired = decodeRegistry(event.ResourceProperties);
    } catch (error) {
      // An event with invalid properties has created nothing.
      return kept(messageOf(error));
    }
    const isRollback = await isRolledBack(event.StackId, dependencies) === true;
    if (!desired.deletesOnRemoval && !isRollback) return kept('its removal policy is RETAIN');
    let run: RegistryRun;
    try {
      run = prepare(event, limits, dependencies);
    } catch (error) {
      // If a deployment changes both the identity and the registry, the function may no longer use the former identity.
      return isRollback ? kept(messageOf(error))
        : { status: 'FAILED', reason: `${messageOf(error)}; delete the registry ${desired.name} in Azure, or remove the registry in one deployment and its identity in the next` };
    }
    try {
      return await remove(event, { run, limits, dependencies, isRollback });
    } catch (error) {
      // Otherwise, the rollback of a deployment that failed for this reason would fail too.
      if (isRollback && isAccessDenied(error)) return kept(`nothing can have been created: ${messageOf(error)}`);
      return { status: 'FAILED', reason: explainAzure(error, desired) };
    }
  };
}

function kept(reason: string): Outcome {
  return { status: 'SUCCESS', summary: `nothing is deleted: ${reason}` };
}

async function remove(event: CustomResourceEvent, removal: Removal): Promise<Outcome | Unfinished> {
  const { run: { api, arm, desired }, limits, dependencies: { clock } } = removal;
  const memo = memoOf(event);
  if (!await finished(arm, memo)) return unfinished(memo);
  // The deletion is sent once per invocation.
  for (let sent = false; ;) {
    const current = await api.registry();
    if (current === undefined) break;
    if (TRANSITIONAL_STATES.includes(current.state)) {
      if (await pause(POLL_MILLISECONDS, { clock, ...limits })) continue;
      return unfinished();
    }
    const reason = await reasonToKeep(current, removal);
    if (reason !== undefined) return reason;
    if (sent) throw new Error(`Azure has not deleted the registry ${desired.name}`);
    const operation = await api.delete();
    sent = true;
    if (operation !== undefined && !await arm.waitFor(operation)) return unfinished(operation);
  }
  return removeGroup(removal);
}

/** The outcome if the registry must not be deleted. */
async function reasonToKeep(current: DescribedRegistry, { run, dependencies, isRollback }: Removal): Promise<Outcome | undefined> {
  const { desired, creator } = run;
  if (current.tags[CREATOR_TAG] !== creator) return kept('this resource has not created the registry');
  // A registry without a host was never ready, so it has no images. One that failed later can have some.
  if ((desired.emptiesOnDelete && desired.deletesOnRemoval) || current.loginServer === '') return undefined;
  let repositories: string[];
  try {
    repositories = await repositoriesOf(run, current, dependencies);
  } catch (error) {
    if (!isRollback) throw error;
    // A registry whose creation failed does not respond.
    return current.state === 'Succeeded' ? kept(messageOf(error)) : undefined;
  }
  if (repositories.length === 0) return undefined;
  const has = `the registry ${desired.name} has images, for example in ${repositories.join(', ')}`;
  return isRollback ? kept(has) : { status: 'FAILED', reason: `${has}; delete them in Azure and try again, because emptyOnDelete: true has to be deployed before the removal` };
}

async function repositoriesOf(run: RegistryRun, current: DescribedRegistry, dependencies: AwsDependencies): Promise<string[]> {
  try {
    return await loginOf(run, current, dependencies).repositories();
  } catch (error) {
    throw new Error(`it is unknown whether the registry ${run.desired.name} has images, so it is not deleted: ${messageOf(error)}; or deploy emptyOnDelete: true before the removal`);
  }
}

/** Deletes the resource group if this resource has created it, and nothing else is in it. */
async function removeGroup({ run: { desired, api, arm, creator } }: Removal): Promise<Outcome | Unfinished> {
  const gone = `the registry ${desired.name} is deleted`;
  if (!desired.createsGroup) return { status: 'SUCCESS', summary: gone };
  const group = await api.group();
  if (group === undefined) return { status: 'SUCCESS', summary: `${gone}, with its resource group` };
  if (group.tags[CREATOR_TAG] !== creator || await api.hasResources()) return { status: 'SUCCESS', summary: `${gone}, and its resource group is kept` };
  const operation = group.state === 'Deleting' ? undefined : await api.deleteGroup();
  if (operation !== undefined && !await arm.waitFor(operation)) return unfinished(operation);
  return { status: 'SUCCESS', summary: `${gone}, with its resource group` };
}
