import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { RuleSelection } from './policy-text';
import { hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/** What a rule counts up to. */
export interface RuleCount {
  /** How the user calls it, e.g. `olderThan`. */
  readonly property: string;
  /** The rule in words. */
  words(images: string, countNumber: number): string;
  /** In the words of ECR. Throws when the number is not one that ECR takes. */
  render(scope: IConstruct, property: string): Pick<RuleSelection, 'countType' | 'countUnit' | 'countNumber'>;
}

/** A number of images. */
export function newest(count: number, effect: string): RuleCount {
  return {
    property: 'count',
    words: (images, countNumber) => `of ${images} all but the newest ${countNumber} ${effect}`,
    render: (scope, property) => {
      checkInteger(scope, { property, value: count, min: 1, fix: 'Give the number of images to keep.' });
      return { countType: 'imageCountMoreThan', countNumber: count };
    },
  };
}

/** What is needed to count days. */
export interface DaysRule {
  readonly property: string;
  readonly countType: 'sinceImagePushed' | 'sinceImagePulled' | 'sinceImageTransitioned';
  readonly min: number;
  /** What happens after so many days. */
  readonly effect: (days: number) => string;
}

/** A number of days. */
export function days(value: Duration | undefined, { property: name, countType, min, effect }: DaysRule): RuleCount {
  return {
    property: name,
    words: (images, countNumber) => `${images} ${effect(countNumber)}`,
    render: (scope, property) => ({ countType, countUnit: 'days', countNumber: wholeDays(scope, property, value, min) }),
  };
}

function wholeDays(scope: IConstruct, property: string, value: Duration | undefined, min: number): number {
  const fix = min > 1
    ? `ECR keeps archived images for at least ${min} days: use Duration.days(${min}) or more.`
    : 'ECR counts whole days: use Duration.days(7) or the like.';
  if (!isDuration(value)) {
    return reject(scope, { property, must: 'be a Duration', got: value, fix });
  }
  if (value.isUnresolved() && value.unitLabel() !== 'days') {
    reject(scope, { property, must: 'be in days when it is only known at deployment', got: 'a token', fix });
  }
  const number = value.toDays({ integral: false });
  checkInteger(scope, { property, value: number, min, fix });
  return number;
}

function isDuration(value?: Duration): value is Duration {
  return hasMethods(value, 'isUnresolved', 'unitLabel', 'toDays');
}
