/** How a copy with one fault ended. */
export type End =
  | 'recovered'
  /** It said so. */
  | 'failed'
  /** It had not ended when its time was up. */
  | 'hung'
  /** It said that all was well, and the destination has not the image. */
  | 'wrong';

/** One copy with one fault. */
export interface FaultSample {
  readonly fault: string;
  readonly tool: string;
  readonly run: number;
  readonly end: End;
  readonly seconds: number;
  /** Requests of the copy, the spoiled one included. */
  readonly requests: number;
}

/** Everything that a series of faults has found. */
export interface FaultResults {
  readonly date: string;
  readonly commit: string;
  readonly runs: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly samples: readonly FaultSample[];
}

/** The copy without a fault, by which the others are known to have a chance. */
export const NO_FAULT = 'none';
