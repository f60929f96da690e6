import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageSourceBinder } from '../image-source-config';

/** An image that the app already builds into the bootstrap repository. */
export function assetSource(asset: DockerImageAsset): ImageSourceBinder {
  return (_scope, { reader }) => {
    asset.repository.grantPull(reader);
    return { reference: asset.imageUri, hasContentTag: true };
  };
}
