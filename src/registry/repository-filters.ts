import { IConstruct } from 'constructs';
import { checkTexts } from './check-settings';

const MAX_FILTERS = 100;

/**
 * Names of repositories in which `*` stands for anything.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
 */
export function checkWildcards(scope: IConstruct, property: string, value: string[] | undefined): void {
  if (value === undefined) return;
  checkTexts(scope, {
    property,
    value,
    pattern: /^(?=.{1,255}$)[a-z0-9*]+(?:[._/-][a-z0-9*]+)*$/,
    must: 'be the names of repositories, in which "*" stands for anything',
    max: MAX_FILTERS,
    example: '["prod/*"]',
  });
}

/**
 * What names of repositories begin with.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
 */
export function checkPrefixes(scope: IConstruct, property: string, value: string[] | undefined, max = MAX_FILTERS): void {
  if (value === undefined) return;
  checkTexts(scope, {
    property,
    value,
    pattern: /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]*)*\/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$/,
    must: 'be what names of repositories begin with, without "*", in 2 to 256 characters',
    max,
    example: '["prod/"]',
  });
}

/** As ECR writes a filter. */
export function filters<T extends string>(values: string[], filterType: T): { filter: string; filterType: T }[] {
  return values.map(filter => ({ filter, filterType }));
}
