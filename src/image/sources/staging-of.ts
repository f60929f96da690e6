import { AssetStaging } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';

/** How CDK copied the directory of an asset into the output of the synthesis. */
export function stagingOf(asset: DockerImageAsset): AssetStaging | undefined {
  return asset.node.children.find((child): child is AssetStaging => child instanceof AssetStaging);
}
