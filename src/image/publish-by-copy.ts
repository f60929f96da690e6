import { Stage } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { gated } from './gated';
import { copyHandlerFor } from './handler-for';
import { liveTagPrefix } from './image-names';
import { ImageRoute } from './image-route';
import { ImageSource } from './image-source';
import { warnOfStreaming } from './mount-warning';
import { PublishedImage } from './published-image';
import { checkedConfig } from './source-config-checks';
import { ImageCopy } from '../copy/image-copy';
import { deployAfter } from '../private/deploy-after';
import { isImported } from '../private/is-imported';
import { outermostStack } from '../private/outermost-stack';
import { ScanGate } from '../scanning/scan-gate';

/** Tags that the user adds to an image. */
export interface FurtherTags {
  readonly fixed: string[];
  /** Those that are taken over from another image. */
  readonly floating: string[];
}

/** The copy road: wherever the image is, a custom resource puts it into the repository during deployment. */
export function publishByCopy(
  image: Construct, source: ImageSource, repository: IRepository, tags: FurtherTags, reason: string, gate?: ScanGate,
): PublishedImage {
  const handler = copyHandlerFor(repository, image);
  handler.mayWrite(repository);
  deployAfterRepository(image, repository);
  const { reference, furtherPlatforms = [], platforms, ...from } = checkedConfig(image, source.bind(image, { reader: handler }));
  const imageTagPrefix = liveTagPrefix(image, repository);
  const copy = new ImageCopy(image, 'Copy', {
    handler,
    source: reference,
    furtherPlatforms,
    sourceNeverMoves: from.hasContentTag,
    referrers: from.hasReferrers,
    sourceCredentials: from.credentials?.secretArn,
    sourceTokenHost: from.tokenHost,
    destination: repository.repositoryUri,
    liveTagPrefix: imageTagPrefix,
    keepWhenThere: true,
    tags: tags.fixed,
    floatingTags: tags.floating,
  });
  if (from.hasContentTag) warnOfStreaming(image, repository);
  const { imageTag, imageDigest = copy.imageDigest } = gated(image, copy, { repository, imageTagPrefix, gate });
  return PublishedImage._of({
    scope: image, repository, imageDigest, imageTag, imageTagPrefix, version: imageDigest, platforms, route: ImageRoute.COPY, routeReason: reason,
    publisher: handler,
  });
}

/** A repository in another region is only known by its name, which orders nothing. An imported one is there already. */
function deployAfterRepository(image: Construct, repository: IRepository): void {
  const [own, other] = [outermostStack(image), outermostStack(repository)];
  if (own !== other && Stage.of(own) === Stage.of(other) && !isImported(repository)) {
    deployAfter(own, other, 'its images are copied into a repository of that stack');
  }
}
