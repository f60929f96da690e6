import { Comparison } from './comparison';

/** The effect of a finding on the deployment. */
export enum Severity {
  /** CloudFormation or AWS rejects the change. */
  FAILS = 'fails',
  /** The deployment succeeds, but something is lost: data, an address, a scaling policy, access. */
  LOSES = 'loses',
  /** A nested stack was not compared. */
  UNKNOWN = 'unknown',
  /** A setting changes, or something remains that no stack manages. */
  CHANGES = 'changes',
}

/** A finding of the check. */
export interface Finding {
  readonly severity: Severity;
  /** The resource or output. */
  readonly subject: string;
  /** The effect of the deployment, as the rest of a sentence about the subject. */
  readonly what: string;
  /** The fix: one imperative sentence. */
  readonly fix: string;
}

/** Compares two templates under one aspect. */
export type CheckRule = (comparison: Comparison) => Finding[];

/** A finding of each severity. */
export const fails = (subject: string, what: string, fix: string): Finding => ({ severity: Severity.FAILS, subject, what, fix });
export const loses = (subject: string, what: string, fix: string): Finding => ({ severity: Severity.LOSES, subject, what, fix });
export const unknown = (subject: string, what: string, fix: string): Finding => ({ severity: Severity.UNKNOWN, subject, what, fix });
export const changes = (subject: string, what: string, fix: string): Finding => ({ severity: Severity.CHANGES, subject, what, fix });

/** The fix for a resource that should be kept. */
export const KEEP = 'Keep its logical ID: use ServiceMigration or RepositoryMigration, or overrideLogicalId on the L1 resource.';
