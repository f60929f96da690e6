import { TarballImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { statOf } from './stat-of';
import { reject } from '../../private/validation';
import { ImageSourceBinder } from '../image-source-config';

/** An image that `docker save` has written into a file. */
export function tarballSource(tarballFile: string): ImageSourceBinder {
  return (scope, { reader }) => {
    if (typeof tarballFile !== 'string' || !statOf(tarballFile)?.isFile()) {
      reject(scope, {
        property: 'tarballFile', must: 'be an existing file', got: tarballFile, fix: 'Write it with: docker save --output web.tar web:latest',
      });
    }
    const asset = new TarballImageAsset(scope, 'Asset', { tarballFile });
    asset.repository.grantPull(reader);
    return { reference: asset.imageUri, hasContentTag: true };
  };
}
