import { IConstruct } from 'constructs';
import { SEVERITIES } from './severity';
import { checkOneOf } from '../private/check-types';

/** One of the enumeration. */
export function checkSeverity(scope: IConstruct, property: string, severity: unknown): void {
  checkOneOf(scope, severity, SEVERITIES, {
    property, must: 'be a Severity', fix: 'Use Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW or Severity.INFORMATIONAL.',
  });
}
