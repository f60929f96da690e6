import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { checkTagOrDigest } from '../image-names';
import { IImageSource, ImageSourceBindOptions, ImageSourceConfig } from '../image-source-contract';

/** An image of another ECR repository. */
export class EcrSource implements IImageSource {
  constructor(private readonly repository: IRepository, private readonly tagOrDigest: string) {}

  public bind(scope: Construct, options: ImageSourceBindOptions): ImageSourceConfig {
    checkTagOrDigest(scope, this.tagOrDigest);
    this.repository.grantPull(options.reader);
    return { reference: this.repository.repositoryUriForTagOrDigest(this.tagOrDigest) };
  }
}
