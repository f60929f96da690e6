import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { liveTagPrefix } from './image-names';
import { ImageSource } from './image-source';
import { PublishedImage } from './published-image';
import { CopyHandler } from '../copy/copy-handler';
import { ImageCopy } from '../copy/image-copy';
import { checkBindable, checkPattern } from '../private/validation';

/** What the copy road needs to know. */
export interface CopyRoad {
  readonly repository: IRepository;
  readonly handler: CopyHandler;
  readonly tags: string[];
}

/** The copy road: wherever the image is, a custom resource puts it into the repository during deployment. */
export function publishByCopy(scope: Construct, id: string, source: ImageSource, road: CopyRoad): PublishedImage {
  const image = new Construct(scope, id);
  checkBindable(image, source, {
    property: 'source', must: 'be an ImageSource', cure: 'Make one with brackets, e.g. ImageSource.directory(\'./app\').',
  });
  const { reference, platform } = source.bind(image, { reader: road.handler });
  checkPattern(image, {
    property: 'source.reference', value: reference, pattern: /^[^/\s]+\/[^\s:@]+[:@]\S+$/,
    must: 'be an image, host/repository:tag or host/repository@digest', cure: 'Let the source answer with such a reference.',
  });
  const copy = new ImageCopy(image, 'Copy', {
    handler: road.handler,
    source: reference,
    destination: road.repository,
    liveTagPrefix: liveTagPrefix(id),
    tags: road.tags,
  });
  return PublishedImage._of({
    repository: road.repository,
    imageDigest: copy.imageDigest,
    imageTag: copy.imageTag,
    platform,
  });
}
