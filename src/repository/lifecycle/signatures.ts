import { CfnSigningConfiguration } from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { matchesPattern, RuleText, storageClassOf } from './policy-text';
import { isShield, LiveImage } from './retention';
import { isKnown } from '../../private/lookups';
import { isObject } from '../../private/shape';
import { registryOf } from '../../private/stacks';

/** The parts of a repository that are known at synthesis. */
export interface SignedRepository {
  readonly scope: IConstruct;
  /** @default - not known */
  readonly name?: string;
  readonly images: readonly LiveImage[];
}

/**
 * The reasons why the repository has signatures, for messages. Empty if the app contains none; other tools may still sign images.
 */
export function signers({ scope, name, images }: SignedRepository): string[] {
  const copied = images.find(({ hasReferrers }) => hasReferrers);
  const configured = scope.node.root.node.findAll().find(each => each instanceof CfnSigningConfiguration
    && registryOf(each) === registryOf(scope) && signs(each, name));
  return [
    ...copied === undefined ? [] : [`the image '${copied.id}' is copied with its signatures`],
    ...configured === undefined ? [] : [`${configured.node.path} signs its images`],
  ];
}

/**
 * Whether a rule can delete or archive signatures. ECR stores a signature without a tag, and a rule cannot tell it from an image.
 *
 * @see https://github.com/aws/containers-roadmap/issues/2613
 */
export function reachesSignatures(rule: RuleText): boolean {
  return rule.selection.tagStatus !== 'tagged' && storageClassOf(rule) === 'standard' && !isShield(rule);
}

/** Whether a signing configuration applies to the images of a repository. Values that are unknown at synthesis count as a match. */
function signs({ rules }: CfnSigningConfiguration, name: string | undefined): boolean {
  if (!Array.isArray(rules) || name === undefined) return true;
  return rules.some((rule: unknown) => {
    const filters = isObject(rule) ? rule.repositoryFilters : undefined;
    return !Array.isArray(filters) || filters.some((each: unknown) => {
      const filter = isObject(each) ? each.filter : undefined;
      return typeof filter !== 'string' || !isKnown(filter) || matchesPattern(filter, name);
    });
  });
}
