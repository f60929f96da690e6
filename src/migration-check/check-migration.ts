import { dataSettings, deletions, emptied, nestedStacks, outputs } from './cleanup-rules';
import { Comparison, Template } from './comparison';
import { CheckRule, Finding, Severity } from './finding';
import { otherType, replacements, sameSetting, sameUnderAnotherId } from './identity-rules';
import { lostAccess, sameScalingMetric, serviceConnect, serviceSettings, takenPorts, targetGroupSettings } from './service-rules';

const RULES: readonly CheckRule[] = [
  otherType, sameUnderAnotherId, sameSetting, replacements, takenPorts, sameScalingMetric, serviceConnect, deletions, nestedStacks, emptied,
  lostAccess, outputs, serviceSettings, targetGroupSettings, dataSettings,
];

const ORDER = [Severity.FAILS, Severity.LOSES, Severity.CHANGES];

/** Compares the deployed template with the new one. The worst findings are first. */
export function checkMigration(before: Template, after: Template): Finding[] {
  const comparison = new Comparison(before, after);
  const findings = RULES.flatMap(rule => rule(comparison));
  return ORDER.flatMap(severity => findings.filter(finding => finding.severity === severity));
}

/** Formats the findings for the terminal. */
export function reportOf(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'Nothing fails, gets lost or changes its meaning.\n';
  const lines = findings.map(({ severity, subject, what, fix }) => `${severity.toUpperCase().padEnd(7)}  ${subject}\n         ${what}\n         Fix: ${fix}\n`);
  const [failing, lost, changed] = ORDER.map(severity => findings.filter(each => each.severity === severity).length);
  return `${lines.join('\n')}\n${failing} would fail, ${lost} would get lost, ${changed} would change.\n`;
}
