import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { scanGateHandlerFor } from './handler-for';
import { ImageScanGate } from '../scanning/image-scan-gate';
import { ScanGate } from '../scanning/scan-gate';

/** An image in its repository, by what it is called there. */
export interface NamedImage {
  readonly imageTag: string;
  /**
   * `sha256:…`
   *
   * @default - nobody knows it
   */
  readonly imageDigest?: string;
}

/** What an image has to pass. */
export interface GateQuestion {
  readonly repository: IRepository;
  /** Begins the live tags of the image. */
  readonly imageTagPrefix: string;
  /** @default - nothing */
  readonly gate?: ScanGate;
}

/** The names by which an image is used: where it has to pass a gate, those that the gate gives out. */
export function gated(image: Construct, { imageTag, imageDigest }: NamedImage, { repository, imageTagPrefix, gate }: GateQuestion): NamedImage {
  if (gate === undefined) return { imageTag, imageDigest };
  const handler = scanGateHandlerFor(repository, image);
  return new ImageScanGate(image, 'ScanGate', { handler, gate, repository, imageTag, imageDigest, imageTagPrefix });
}
