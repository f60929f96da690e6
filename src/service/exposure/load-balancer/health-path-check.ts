import { IConstruct } from 'constructs';
import { checkPattern } from '../../../private/validation';

/** What load balancers of either kind ask for. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html */
export function checkHealthPath(scope: IConstruct, property: string, value: string | undefined): void {
  checkPattern(scope, {
    property, value: value as string, pattern: /^\/\S{0,1023}$/,
    must: 'start with "/" and have at most 1024 characters without spaces', fix: 'Give a path such as "/health".',
  });
}
