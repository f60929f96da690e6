import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { liveTagPrefix } from './image-names';
import { IImageSource } from './image-source-contract';
import { PublishedImage } from './published-image';
import { CopyHandler } from '../copy/copy-handler';
import { ImageCopy } from '../copy/image-copy';

/** What the copy road needs to know. */
export interface CopyRoad {
  readonly repository: IRepository;
  readonly handler: CopyHandler;
  readonly tags: string[];
}

/** The copy road: wherever the image is, a custom resource puts it into the repository during deployment. */
export function publishByCopy(scope: Construct, id: string, source: IImageSource, road: CopyRoad): PublishedImage {
  const image = new Construct(scope, id);
  const { reference, platform } = source.bind(image, { reader: road.handler });
  const copy = new ImageCopy(image, 'Copy', {
    handler: road.handler,
    source: reference,
    destination: road.repository,
    liveTagPrefix: liveTagPrefix(id),
    tags: road.tags,
  });
  return new PublishedImage({
    repository: road.repository,
    imageDigest: copy.imageDigest,
    imageTag: copy.imageTag,
    platform,
  });
}
