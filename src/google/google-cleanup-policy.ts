import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { InstanceRule, ListRule, Shape } from '../private/shape';
import { reject } from '../private/validation';

/** The tag state of image versions. */
export enum GoogleTagState {
  /** Versions with a tag. */
  TAGGED = 'TAGGED',
  /** Versions without a tag. */
  UNTAGGED = 'UNTAGGED',
  /** All versions. */
  ANY = 'ANY',
}

/** The versions that a cleanup policy matches. All conditions must hold. */
export interface GoogleCleanupPolicyConditions {
  /**
   * Versions that were uploaded longer ago than this.
   *
   * @default - any age
   */
  readonly olderThan?: Duration;

  /**
   * Versions that were uploaded more recently than this.
   *
   * @default - any age
   */
  readonly newerThan?: Duration;

  /**
   * Versions with or without a tag.
   *
   * @default - `TAGGED` with `tagPrefixes`, otherwise `ANY`
   */
  readonly tagState?: GoogleTagState;

  /**
   * The prefixes of tags.
   *
   * @default - any tag
   */
  readonly tagPrefixes?: string[];

  /**
   * The prefixes of digests.
   *
   * @default - any digest
   */
  readonly versionNamePrefixes?: string[];

  /**
   * The prefixes of image names.
   *
   * @default - all images
   */
  readonly packageNamePrefixes?: string[];
}

/** Options of `GoogleCleanupPolicy.keepMostRecent`. */
export interface GoogleCleanupPolicyKeepMostRecentOptions {
  /** The number of versions to keep for each image, at least 1. */
  readonly keepCount: number;

  /**
   * The prefixes of image names.
   *
   * @default - all images
   */
  readonly packageNamePrefixes?: string[];
}

const prefixes = (example: string): ListRule => ({ kind: 'list', min: 1, of: { kind: 'text', pattern: /^[^]+$/, must: 'not be empty, because it would match everything', fix: `Write a prefix such as "${example}".` }, fix: `Write a list such as ["${example}"], or leave it out.` });
const AGE = { kind: 'duration', unit: 'seconds', min: 1, fix: 'Write a duration such as Duration.days(30).' } as const;

export const CLEANUP_CONDITIONS = new Shape<GoogleCleanupPolicyConditions>('Write an object such as { olderThan: Duration.days(30) }.', {
  olderThan: AGE,
  newerThan: AGE,
  tagState: { kind: 'enum', values: Object.values(GoogleTagState), must: 'be a GoogleTagState', fix: 'Use a value such as GoogleTagState.UNTAGGED.' },
  tagPrefixes: prefixes('v1'),
  versionNamePrefixes: prefixes('sha256:'),
  packageNamePrefixes: prefixes('web'),
}, { keepCount: 'Write GoogleCleanupPolicy.keepMostRecent({ keepCount }).' });

export const CLEANUP_MOST_RECENT = new Shape<GoogleCleanupPolicyKeepMostRecentOptions>('Write an object such as { keepCount: 10 }.', {
  keepCount: { kind: 'integer', required: true, min: 1, fix: 'Write the number of versions to keep.' },
  packageNamePrefixes: prefixes('web'),
}, { count: 'Write `keepCount`.' });

/** The rule of a cleanup policy. */
export const CLEANUP_POLICY: InstanceRule = {
  kind: 'instance', must: 'be a GoogleCleanupPolicy', methods: ['_render'], fix: 'Call a factory, e.g. GoogleCleanupPolicy.deleteVersions({ olderThan: Duration.days(30) }).',
};

type Render = (scope: IConstruct, property: string) => object;

/**
 * A rule for deleting or keeping image versions in Artifact Registry.
 *
 * A version that one policy keeps is never deleted by another policy. Artifact Registry does not know which images run. Images that this library
 * publishes have a tag that starts with `live-`, so keep that prefix if deployed images are pulled from this repository.
 *
 * @see https://cloud.google.com/artifact-registry/docs/repositories/cleanup-policy
 */
export class GoogleCleanupPolicy {
  /**
   * Delete the versions that match all conditions.
   *
   * @param conditions at least one condition
   */
  public static deleteVersions(conditions: GoogleCleanupPolicyConditions): GoogleCleanupPolicy {
    return new GoogleCleanupPolicy((scope, property) => ({ action: 'DELETE', condition: conditionOf(scope, property, conditions) }));
  }

  /**
   * Keep the versions that match all conditions.
   *
   * @param conditions at least one condition
   */
  public static keepVersions(conditions: GoogleCleanupPolicyConditions): GoogleCleanupPolicy {
    return new GoogleCleanupPolicy((scope, property) => ({ action: 'KEEP', condition: conditionOf(scope, property, conditions) }));
  }

  /**
   * Keep the newest versions of each image.
   *
   * @param options the number of versions, and the images
   */
  public static keepMostRecent(options: GoogleCleanupPolicyKeepMostRecentOptions): GoogleCleanupPolicy {
    return new GoogleCleanupPolicy((scope, property) => {
      CLEANUP_MOST_RECENT.check(scope, property, options);
      const { keepCount, packageNamePrefixes } = options;
      return { action: 'KEEP', mostRecentVersions: { keepCount, packageNamePrefixes } };
    });
  }

  private constructor(private readonly render: Render) {}

  /**
   * The policy in the form of the API. Throws if an option is wrong.
   *
   * @internal
   */
  public _render(scope: IConstruct, property: string, id: string): object {
    return { id, ...this.render(scope, property) };
  }
}

function conditionOf(scope: IConstruct, property: string, conditions: GoogleCleanupPolicyConditions): object {
  CLEANUP_CONDITIONS.check(scope, property, conditions);
  const { olderThan, newerThan, tagPrefixes, versionNamePrefixes, packageNamePrefixes, tagState: state } = conditions;
  const tagState = state ?? (tagPrefixes === undefined ? GoogleTagState.ANY : GoogleTagState.TAGGED);
  // Without the misspelled condition, the policy would match more images than intended.
  const misspelled = Object.keys(conditions).find(name => !Object.hasOwn(CLEANUP_CONDITIONS.rules, name));
  if (misspelled !== undefined) {
    reject(scope, { property: `${property}.${misspelled}`, must: 'be a condition that exists', got: misspelled, fix: `Use ${Object.keys(CLEANUP_CONDITIONS.rules).join(', ')}.` });
  }
  if ([olderThan, newerThan, state, tagPrefixes, versionNamePrefixes, packageNamePrefixes].every(value => value === undefined)) {
    reject(scope, {
      property, must: 'have a condition, because it would match all images', got: conditions, fix: 'Write one such as { olderThan: Duration.days(30) }.',
    });
  }
  if (tagPrefixes !== undefined && tagState === GoogleTagState.UNTAGGED) {
    reject(scope, { property: `${property}.tagState`, must: 'be TAGGED or ANY with tagPrefixes', got: tagState, fix: 'Leave tagState or tagPrefixes out.' });
  }
  return { tagState, tagPrefixes, olderThan: secondsOf(olderThan), newerThan: secondsOf(newerThan), versionNamePrefixes, packageNamePrefixes };
}

function secondsOf(duration?: Duration): string | undefined {
  return duration && `${duration.toSeconds()}s`;
}
