import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct, IDependable } from 'constructs';
import { insideStack } from './inside-stack';

/** Who answers for an image, and what is asked. */
export interface ImageResourceProps {
  /** `Custom::…` */
  readonly resourceType: string;
  readonly handler: { readonly serviceToken: string; readonly serviceTimeout: Duration; readonly eventSettings: IDependable };
  readonly properties: object;
}

/** A custom resource that answers with an image, for the stack that it is in. */
export class ImageResource<Data extends { readonly DigestHex: string }> {
  /** `sha256:…`, known when it is deployed. */
  public readonly imageDigest: string;
  private readonly resource: CustomResource;

  constructor(private readonly owner: Construct, { resourceType, handler, properties }: ImageResourceProps) {
    const { serviceToken, serviceTimeout, eventSettings } = handler;
    this.resource = new CustomResource(owner, 'Resource', { resourceType, serviceToken, serviceTimeout, properties: { ...properties } });
    this.resource.node.addDependency(eventSettings);
    // CDK writes `repository:<token>` for a digest that does not visibly start with "sha256:".
    this.imageDigest = `sha256:${this.data('DigestHex')}`;
  }

  /** Something else of the answer. */
  public data(name: keyof Data & string): string {
    return insideStack(this.owner, this.resource.getAttString(name));
  }
}
