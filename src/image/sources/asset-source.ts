import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { IImageSource, ImageSourceBindOptions, ImageSourceConfig } from '../image-source-contract';

/** An image that the app already builds into the bootstrap repository. */
export class AssetSource implements IImageSource {
  constructor(private readonly asset: DockerImageAsset) {}

  public bind(_scope: Construct, options: ImageSourceBindOptions): ImageSourceConfig {
    this.asset.repository.grantPull(options.reader);
    return { reference: this.asset.imageUri };
  }
}
