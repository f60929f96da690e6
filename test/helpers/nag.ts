import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';

type Pack = new (scope: App) => NagPack;

/** The finding of a rule, and its place. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
}

// cdk-nag is called directly, to compare its findings with the acknowledged ones.
const found = (app: App, Checks: Pack): Finding[] => new Checks(app).validateScope(app).violations
  .flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => ({ rule: ruleName, path: constructPath ?? '' })));

/** The rules that AWS itself recommends. */
export function awsSolutions(app: App): Finding[] {
  return found(app, AwsSolutionsChecks);
}

/** Every finding of the packs for NIST 800-53, HIPAA, PCI DSS and Serverless: many of their rules are the same, and then it is listed once. */
export function compliance(app: App): Finding[] {
  const findings = [NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks, ServerlessChecks].flatMap(pack => found(app, pack))
    .map(({ rule, path }) => ({ rule: rule.slice(rule.lastIndexOf('-') + 1), path }));
  return [...new Map(findings.map(finding => [lineOf(finding), finding])).values()];
}

/** Whether a rule of `compliance` is about resources of this library: ECS, ECR, IAM and load balancers. */
export function isOurs({ rule }: Finding): boolean {
  return /^(ECS|ECR|IAM|ELB|ALB)[A-Zv]/.test(rule);
}

export function lineOf({ rule, path }: Finding): string {
  return `${rule} at ${path}`;
}
