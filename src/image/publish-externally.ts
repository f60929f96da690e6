import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { ExternalRegistry } from './external-registry';
import { copyHandlerFor } from './handler-for';
import { checkTags, liveTagPrefix } from './image-names';
import { claimTags } from './tag-claims';
import { ImageCopy } from '../copy/image-copy';
import { checkSecret } from '../private/check-secret';
import { checkObject, hasMethods } from '../private/check-types';
import { childOf } from '../private/child-of';
import { outermostStack } from '../private/outermost-stack';
import { reject } from '../private/validation';

/** How an image is put into another registry. */
export interface PublishToOptions {
  /** The name of the image there, e.g. `team/web`. */
  readonly name: string;

  /**
   * Tags for people to find the image by, beside the `live-…` tag that it always gets. They do not move: the deployment
   * fails when one of them names another image already.
   *
   * @default - no further tags
   */
  readonly tags?: string[];
}

/** An image of the user's repository, put into a registry outside of AWS; answers its address there, by digest. */
export function publishExternally(
  image: Construct, repository: IRepository, imageUri: string, registry: ExternalRegistry, options: PublishToOptions,
): string {
  checkRegistry(image, registry);
  checkObject(image, 'options', options, 'Name the image there: publishTo(registry, { name: \'team/web\' }).');
  const tags = options.tags ?? [];
  checkTags(image, tags);
  const destination = registry._repository(image, options.name);
  const id = `To-${destination}`;
  if (childOf(image, id)) {
    reject(image, {
      property: 'name', must: 'be new in this registry', got: options.name, fix: 'Give all tags at once: publishTo(registry, { name, tags }).',
    });
  }
  claimTags(image, tags, outermostStack(image), destination);
  const handler = copyHandlerFor(repository, image);
  repository.grantPull(handler);
  registry._credentials.grantRead(handler);
  const copy = new ImageCopy(image, id, {
    handler,
    source: imageUri,
    destination,
    destinationCredentials: registry._credentials.secretArn,
    destinationTokenHost: registry._tokenHost,
    referrers: true,
    liveTagPrefix: liveTagPrefix(image, repository),
    tags,
  });
  return `${destination}@${copy.imageDigest}`;
}

function checkRegistry(image: Construct, registry: ExternalRegistry): void {
  if (!hasMethods(registry, '_repository')) {
    reject(image, { property: 'registry', must: 'be an ExternalRegistry', got: registry, fix: 'Make one, e.g. ExternalRegistry.azure({ … }).' });
  }
  checkSecret(image, 'credentials', registry._credentials);
}
