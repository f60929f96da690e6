import type { RequestCounts } from '../machine/access-log';
import type { Conditions } from '../machine/conditions';
import type { Usage } from '../machine/usage';

/** An image size: name, layers and bytes of content. */
export interface ImageSize {
  readonly megabytes: number;
  readonly layers: number;
}

/** The source and destination of a copy. */
export type Scenario = 'same registry' | 'other registry' | 'unchanged image' | 'one changed layer' | 'one 2 GiB layer';

/** One measured copy. */
export interface Sample extends Usage, RequestCounts {
  readonly scenario: Scenario;
  /** Size of the image; all of its layers have the same size. */
  readonly megabytes: number;
  /** Number of layers of the image. */
  readonly layers: number;
  readonly tool: string;
  readonly repetition: number;
  /** Bytes over the loopback interface; bytes that the client reads and writes count twice. */
  readonly wireBytes: number;
}

/** The time of a tool until it reaches a registry, from many starts. */
export interface FirstRequest {
  readonly tool: string;
  readonly milliseconds: readonly number[];
}

/** Size of the code of a Lambda function. */
export interface AssetSize {
  readonly tool: string;
  readonly bytes: number;
  readonly zippedBytes: number;
}

/** All results of a series. */
export interface CopyResults {
  readonly conditions: Conditions & { readonly runs: number; readonly network?: string };
  readonly samples: readonly Sample[];
  readonly firstRequests: readonly FirstRequest[];
  readonly assets: readonly AssetSize[];
}

/** Name of this library in results and page. */
export const OURS = 'cdk-container-delivery';

/** Name of the tool to which the targets refer. */
export const PEER = 'cdk-ecr-deployment';
