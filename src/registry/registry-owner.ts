import { CfnResource, Stack, Stage, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ClaimedNames } from '../private/claims';
import { reject, sentence } from '../private/validation';

const OWNERS = new ClaimedNames();

/** Makes a construct the only one of its app that owns the registry of its account and region. */
export function claimRegistry(settings: IConstruct): void {
  const other = OWNERS.claim(settings, registryOf(settings), settings.node.root);
  if (other !== undefined) {
    reject(settings, {
      property: 'scope', must: 'have no other RegistrySettings in its account and region, because each deployment would undo the other',
      got: other.node.path, fix: 'Write all settings of a registry into one RegistrySettings.',
    });
  }
}

/** Tells, at the end of synthesis, what else sets one of these properties in the same account and region. */
export function refuseBesides(settings: IConstruct, properties: ReadonlyMap<string, string>): void {
  const registry = registryOf(settings);
  settings.node.addValidation({
    validate: () => settings.node.root.node.findAll().flatMap(resource => {
      const property = CfnResource.isCfnResource(resource) ? properties.get(resource.cfnResourceType) : undefined;
      const isOwn = resource.node.scopes.includes(settings);
      return property === undefined || isOwn || registryOf(resource) !== registry ? [] : [sentence({
        property, must: 'be set nowhere else in this account and region, because each deployment would undo the other',
        got: resource.node.path, fix: 'Remove one of the two.',
      })];
    }),
  });
}

/**
 * A name for account and region.
 *
 * Where one of them is only known at deployment, stacks of one stage are deployed to one place; stages without an environment
 * are there to be deployed to several.
 */
function registryOf(construct: IConstruct): string {
  const stack = Stack.of(construct);
  const place = [stack.account, stack.region];
  const stage = place.some(each => Token.isUnresolved(each)) ? Stage.of(construct)?.node.path : undefined;
  return JSON.stringify([stage, ...stack.resolve(place)]);
}
