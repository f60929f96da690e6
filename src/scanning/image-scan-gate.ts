import { Duration } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ScanGate } from './scan-gate';
import type { ScanGateData, ScanGateProperties } from './scan-gate-properties';
import { CustomResourceHandler, ImageResource } from '../private/custom-resource-handler';

// PutImage only writes a manifest that already exists, with the tag that marks it as passed.
const ACTIONS = ['ecr:BatchGetImage', 'ecr:DescribeImageScanFindings', 'ecr:PutImage', 'ecr:StartImageScan'];

// For enhanced scans, ECR calls Inspector with the permissions of its caller.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html
const INSPECTOR_ACTIONS = ['inspector2:ListCoverage', 'inspector2:ListFindings'];

/** The image that must pass, and its gate. */
export interface ImageScanGateProps {
  readonly handler: ScanGateHandler;
  readonly gate: ScanGate;
  readonly repository: IRepository;
  /** The live tag. */
  readonly imageTag: string;
  /**
   * `sha256:…`
   *
   * @default - the image with the tag
   */
  readonly imageDigest?: string;
  /** The prefix of the live tags of the image. */
  readonly imageTagPrefix: string;
}

// Not a live tag, because a live tag ends with digits of a digest.
const PASSED = 'passed-';

/** An image that must pass before any resource uses it. Resources get digest and tag from here. */
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

/** A function that reads the scans of images in the repositories that are granted. */
export class ScanGateHandler extends CustomResourceHandler {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      bundle: 'scanning/scan-gate.lambda', description: 'Stops deployments at the findings of image scans', timeout: Duration.minutes(15), memorySize: 256,
      // The maximum, because scans can take several invocations.
      serviceTimeout: Duration.hours(1),
    });
    // These actions do not support resource-level permissions.
    this.role.addToPolicy(new PolicyStatement({ actions: INSPECTOR_ACTIONS, resources: ['*'] }));
    this.markAsImageReader();
    this.mayDescribeStacks();
    this.mayInvokeItself();
  }

  /** Allows the function to read the scans of a repository. */
  public mayScan(repository: IRepository): void {
    repository.grant(this, ...ACTIONS);
  }
}
