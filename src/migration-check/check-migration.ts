import { dataSettings, deletions, emptied, nestedStacks, outputs } from './cleanup-rules';
import { Comparison, Template } from './comparison';
import { CheckRule, Finding, Severity } from './finding';
import { otherType, replacements, sameScalableTarget, sameUnderAnotherId } from './identity-rules';
import { lostAccess, sameScalingMetric, serviceConnect, serviceSettings, takenPorts, targetGroupSettings } from './service-rules';

const RULES: readonly CheckRule[] = [
  otherType, sameUnderAnotherId, sameScalableTarget, replacements, takenPorts, sameScalingMetric, serviceConnect, deletions, nestedStacks, emptied, lostAccess,
  outputs, serviceSettings, targetGroupSettings, dataSettings,
];

const ORDER = [Severity.FAILS, Severity.LOSES, Severity.CHANGES];

/** Compares the deployed template with the new one. The worst findings are first. */
export function checkMigration(before: Template, after: Template): Finding[] {
  const comparison = new Comparison(before, after);
  const findings = RULES.flatMap(rule => rule(comparison));
  return ORDER.flatMap(severity => findings.filter(finding => finding.severity === severity));
}
