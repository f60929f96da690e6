import type { Conditions } from '../machine/conditions';

/** The output of a synthesis; the same in every run, otherwise it is not deterministic. */
export interface Assembly {
  readonly resources: number;
  readonly templateBytes: number;
  readonly functions: number;
  readonly roles: number;
  readonly customResources: number;
  readonly stateMachines: number;
  readonly buildProjects: number;
  readonly images: number;
  /** Files and folders that are uploaded in addition to templates and images, before they are zipped. */
  readonly fileAssets: number;
  readonly fileAssetBytes: number;
}

/** One measured synthesis. */
export interface Sample {
  readonly wallSeconds: number;
  /** Of all threads and child processes. */
  readonly cpuSeconds: number;
  readonly loadMilliseconds: number;
  readonly constructMilliseconds: number;
  readonly synthMilliseconds: number;
}

/** All syntheses of one variant with a number of services. */
export interface Row {
  /** Id of the variant. */
  readonly variant: string;
  readonly services: number;
  readonly samples: readonly Sample[];
  readonly assembly: Assembly;
  /** Files of the cloud assembly that differed from run to run. */
  readonly unstableFiles: readonly string[];
}

/** All results of a series. */
export interface SynthResults {
  readonly conditions: Conditions;
  readonly rows: readonly Row[];
}
