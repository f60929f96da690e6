import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { liveTagPrefix } from './image-names';
import { ImageRoute } from './image-route';
import { ImageSource } from './image-source';
import { PublishedImage } from './published-image';
import { CopyHandler } from '../copy/copy-handler';
import { ImageCopy } from '../copy/image-copy';
import { outermostStack } from '../private/outermost-stack';
import { checkPattern } from '../private/validation';

/** The copy road: wherever the image is, a custom resource puts it into the repository during deployment. */
export function publishByCopy(
  image: Construct, source: ImageSource, repository: IRepository, tags: string[], reason: string,
): PublishedImage {
  const handler = handlerFor(image, repository);
  const { reference, platform, credentials } = source.bind(image, { reader: handler });
  checkPattern(image, {
    property: 'source.reference', value: reference, pattern: /^[^/\s]+\/[^\s:@]+[:@]\S+$/,
    must: 'be an image, host/repository:tag or host/repository@digest', cure: 'Let the source answer with such a reference.',
  });
  const { imageDigest, imageTag } = new ImageCopy(image, 'Copy', {
    handler, source: reference, sourceCredentials: credentials?.secretArn, destination: repository, liveTagPrefix: liveTagPrefix(image.node.id), tags,
  });
  return PublishedImage._of({ repository, imageDigest, imageTag, platform, route: ImageRoute.COPY, routeReason: reason });
}

/** One handler for each repository, in the stack that uses its images. */
function handlerFor(image: Construct, repository: IRepository): CopyHandler {
  const stack = outermostStack(image);
  const [scope, id] = stack === outermostStack(repository)
    ? [repository, 'CopyHandler']
    : [stack, `CopyHandlerOf-${repository.node.path}`];
  const existing = scope.node.tryFindChild(id.replace(/\//g, '--'));
  return existing instanceof CopyHandler ? existing : new CopyHandler(scope as Construct, id, repository);
}
