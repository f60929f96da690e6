import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { scanGateHandlerFor } from './handler-for';
import { liveTagPrefix } from './image-names';
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

/** The names by which an image is used: where it has to pass a gate, those that the gate gives out. */
export function gated(image: Construct, repository: IRepository, named: NamedImage, gate?: ScanGate): NamedImage {
  if (gate === undefined) return named;
  return new ImageScanGate(image, 'ScanGate', {
    ...named, gate, repository, handler: scanGateHandlerFor(repository, image), liveTagPrefix: liveTagPrefix(image),
  });
}
