import { Comparison } from './comparison';

/** What a finding means for the deployment. */
export enum Severity {
  /** CloudFormation or AWS rejects the change. */
  FAILS = 'fails',
  /** The deployment succeeds, but something is lost: data, an address, a scaling policy, access. */
  LOSES = 'loses',
  /** A setting changes, or something remains that no stack manages. */
  CHANGES = 'changes',
}

/** A finding of the check. */
export interface Finding {
  readonly severity: Severity;
  /** The resource or output. */
  readonly subject: string;
  /** What happens, as a sentence. */
  readonly what: string;
  /** What to do: one imperative sentence. */
  readonly fix: string;
}

/** Compares two templates under one aspect. */
export type CheckRule = (comparison: Comparison) => Finding[];

/** A finding of each severity. */
export const fails = (subject: string, what: string, fix: string): Finding => ({ severity: Severity.FAILS, subject, what, fix });
export const loses = (subject: string, what: string, fix: string): Finding => ({ severity: Severity.LOSES, subject, what, fix });
export const changes = (subject: string, what: string, fix: string): Finding => ({ severity: Severity.CHANGES, subject, what, fix });

/** How to keep a resource. */
export const KEEP = 'Keep its logical ID: use ServiceMigration or RepositoryMigration, or overrideLogicalId on the L1 resource.';
