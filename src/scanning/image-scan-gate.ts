import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { ScanGate } from './scan-gate';
import { ScanGateHandler } from './scan-gate-handler';
import type { ScanGateData, ScanGateProperties } from './scan-gate-properties';
import { ImageResource } from '../private/image-resource';

/** Which image has to pass, and by whose eyes. */
export interface ImageScanGateProps {
  readonly handler: ScanGateHandler;
  readonly gate: ScanGate;
  readonly repository: IRepository;
  /** The live tag. */
  readonly imageTag: string;
  /**
   * `sha256:…`
   *
   * @default - what the tag names
   */
  readonly imageDigest?: string;
  /** Begins the live tags of the image. */
  readonly imageTagPrefix: string;
}

// A live tag ends in digits of a digest, so this can be none.
const PASSED = 'passed-';

/** An image that has to pass before anything uses it: whoever does takes digest and tag from here. */
export class ImageScanGate extends Construct {
  /** `sha256:…`, known when the image has passed. */
  public readonly imageDigest: string;
  /** The live tag, known when the image has passed. */
  public readonly imageTag: string;

  constructor(scope: Construct, id: string, props: ImageScanGateProps) {
    super(scope, id);
    props.handler.mayScan(props.repository);
    const properties: ScanGateProperties = {
      SchemaVersion: '1',
      Repository: props.repository.repositoryUri,
      Tag: props.imageTag,
      Digest: props.imageDigest,
      PassedTagPrefix: props.imageTagPrefix + PASSED,
      ...props.gate._demand(scope),
    };
    const resource = new ImageResource<ScanGateData>(this, { resourceType: 'Custom::ImageScanGate', handler: props.handler, properties });
    this.imageDigest = resource.imageDigest;
    this.imageTag = resource.data('Tag');
  }
}
