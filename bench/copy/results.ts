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
  readonly conditions: Conditions & { readonly runs: number; readonly network?: string };
  readonly samples: readonly Sample[];
  readonly firstRequests: readonly FirstRequest[];
  readonly assets: readonly AssetSize[];
}

/** Name by which results and page know this library. */
export const OURS = 'cdk-container-delivery';

/** Name of the peer whose targets are set against. */
export const PEER = 'cdk-ecr-deployment';
