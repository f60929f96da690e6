import { dataSettings, deletions, emptied, outputs } from './cleanup-rules';
import { Comparison, Template } from './comparison';
import { CheckRule, Finding, Severity } from './finding';
import { otherType, replacements, sameSetting, sameUnderAnotherId } from './identity-rules';
import { join, Stack } from './nested-stacks';
import { addedSecurityGroups, lostAccess, sameScalingMetric, serviceConnect, serviceSettings, takenPorts, targetGroupSettings } from './service-rules';

const RULES: readonly CheckRule[] = [
  otherType, sameUnderAnotherId, sameSetting, replacements, takenPorts, addedSecurityGroups, sameScalingMetric, serviceConnect, deletions, emptied,
  lostAccess, outputs, serviceSettings, targetGroupSettings, dataSettings,
];

const ORDER = [Severity.FAILS, Severity.LOSES, Severity.UNKNOWN, Severity.CHANGES];

/** Compares the deployed stack with the new one, with the nested stacks that are known. The worst findings are first. */
export function checkStacks(deployed: Stack, synthesized: Stack): Finding[] {
  const { before, after, unread } = join(deployed, synthesized);
  return sorted([...unread, ...checkMigration(before, after)]);
}

/** Compares the deployed template with the new one. The worst findings are first. */
export function checkMigration(before: Template, after: Template): Finding[] {
  const comparison = new Comparison(before, after);
  return sorted(RULES.flatMap(rule => rule(comparison)));
}

function sorted(findings: readonly Finding[]): Finding[] {
  return ORDER.flatMap(severity => findings.filter(finding => finding.severity === severity));
}

/** Formats the findings for the terminal. */
export function reportOf(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'Nothing fails, gets lost or changes its meaning.\n';
  const lines = findings.map(({ severity, subject, what, fix }) => `${severity.toUpperCase().padEnd(7)}  ${subject}\n         ${what}\n         Fix: ${fix}\n`);
  const [failing, lost, unread, changed] = ORDER.map(severity => findings.filter(each => each.severity === severity).length);
  const notCompared = unread === 0 ? '' : ` Not compared: ${unread} nested ${unread === 1 ? 'stack' : 'stacks'}.`;
  return `${lines.join('\n')}\n${failing} would fail, ${lost} would get lost, ${changed} would change.${notCompared}\n`;
}
