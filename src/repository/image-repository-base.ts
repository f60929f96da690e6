import { ResourceProps, Token } from 'aws-cdk-lib';
import { RepositoryBase } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { BuildAndPushImageOptions, IImageRepository, PublishOptions } from './image-repository-contract';
import { CopyHandler } from '../copy/copy-handler';
import { checkImageId, checkTags, imageIdOf } from '../image/image-names';
import { ImageSource } from '../image/image-source';
import { publishByCopy } from '../image/publish-by-copy';
import { PublishedImage } from '../image/published-image';
import { reject } from '../private/validation';

/**
 * Publishing, the same for repositories that we create and for imported ones.
 *
 * @internal
 */
export abstract class ImageRepositoryBase extends RepositoryBase implements IImageRepository {
  // A namespace of its own: the ids that users choose cannot collide with ours.
  private readonly images: Construct;
  private readonly usedTags = new Set<string>();
  private handler?: CopyHandler;

  constructor(scope: Construct, id: string, props: ResourceProps = {}) {
    super(scope, id, props);
    this.images = new Construct(this, 'Images');
  }

  public publish(id: string, source: ImageSource, options: PublishOptions = {}): PublishedImage {
    const tags = options.tags ?? [];
    checkImageId(this, id);
    checkTags(this, tags);
    this.checkIsNew(id);
    this.claim(tags);
    this.handler ??= new CopyHandler(this, 'CopyHandler', this);
    return publishByCopy(this.images, id, source, { repository: this, handler: this.handler, tags });
  }

  public buildAndPushImage(directory: string, options: BuildAndPushImageOptions = {}): PublishedImage {
    const { tags, ...build } = options;
    return this.publish(imageIdOf(this, directory, build), ImageSource.directory(directory, build), { tags });
  }

  private checkIsNew(id: string): void {
    if (this.images.node.tryFindChild(id)) {
      reject(this, {
        property: 'id',
        must: 'be new in this repository',
        got: id,
        cure: 'buildAndPushImage makes the id from folder, file, target and platform. Use the PublishedImage that you already have, '
          + 'or publish(\'another-id\', ImageSource.directory(…)).',
      });
    }
  }

  /** Tags do not move, so the second image with the same tag would fail its deployment. */
  private claim(tags: string[]): void {
    for (const tag of Token.isUnresolved(tags) ? [] : tags) {
      if (this.usedTags.has(tag)) {
        reject(this, {
          property: 'tags', must: 'name one image each', got: tag,
          cure: 'Give the second image another tag, e.g. with the name of the image in it.',
        });
      }
      this.usedTags.add(tag);
    }
  }
}
