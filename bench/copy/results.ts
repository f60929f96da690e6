import type { RequestCounts } from '../machine/access-log';
import type { Conditions } from '../machine/conditions';
import type { Usage } from '../machine/usage';

/** An image size: name, layers and bytes of content. */
export interface ImageSize {
  readonly megabytes: number;
  readonly layers: number;
}

/** What is copied where. */
export type Scenario = 'same registry' | 'other registry' | 'unchanged image' | 'one changed layer' | 'one 2 GiB layer';

/** One copy, measured. */
export interface Sample extends Usage, RequestCounts {
  readonly scenario: Scenario;
  /** Size of the image; all of its layers have the same size. */
  readonly megabytes: number;
  /** Number of layers of the image. */
  readonly layers: number;
  readonly tool: string;
  readonly repetition: number;
  /** Bytes over the loopback interface; what is read and written by the client counts twice. */
  readonly wireBytes: number;
}

/** How long a tool needs to reach a registry, of many starts. */
export interface FirstRequest {
  readonly tool: string;
  readonly milliseconds: readonly number[];
}

/** Size of a Lambda function's code. */
export interface AssetSize {
  readonly tool: string;
  readonly bytes: number;
  readonly zippedBytes: number;
}

/** Everything that a series has found. */
export interface CopyResults {
  readonly conditions: Conditions & { readonly runs: number };
  readonly samples: readonly Sample[];
  readonly firstRequests: readonly FirstRequest[];
  readonly assets: readonly AssetSize[];
}

/** Name by which results and page know this library. */
export const OURS = 'cdk-container-delivery';

/** Name of the peer whose targets are set against. */
export const PEER = 'cdk-ecr-deployment';

/** The middle one of some numbers, and how far they spread. */
export interface Spread {
  readonly n: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median (of an even count the mean of the two in the middle), minimum and maximum. */
export function spreadOf(numbers: readonly number[]): Spread {
  if (numbers.length === 0) throw new Error('there is no median of nothing');
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const median = (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  return { n: sorted.length, median, min: sorted[0], max: sorted[sorted.length - 1] };
}
