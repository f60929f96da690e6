/** The result of a copy with one fault. */
export type End =
  | 'recovered'
  /** The tool reported an error. */
  | 'failed'
  /** The tool had not ended before the timeout. */
  | 'hung'
  /** The tool reported success, and the destination does not have the image. */
  | 'wrong';

/** One copy with one fault. */
export interface FaultSample {
  readonly fault: string;
  readonly tool: string;
  readonly run: number;
  readonly end: End;
  readonly seconds: number;
  /** Requests of the copy, including the one with the fault. */
  readonly requests: number;
}

/** All results of a series of faults. */
export interface FaultResults {
  readonly date: string;
  readonly commit: string;
  readonly runs: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly samples: readonly FaultSample[];
}

/** The copy without a fault, which shows that the others can succeed. */
export const NO_FAULT = 'none';
