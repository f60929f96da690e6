import { StoredImage } from './evaluate';
import { isObject } from '../../private/check-types';
import { display } from '../../private/display';

/** Where ECR keeps an image. */
export enum ImageStorageClass {
  /** At hand: it can be pulled. */
  STANDARD = 'standard',

  /** In the archive: it cannot be pulled until it is restored. */
  ARCHIVE = 'archive',
}

/** An image for the `LifecycleSimulator`, as `aws ecr describe-images` tells of it. */
export interface LifecycleImage {
  /** The digest, or any other name that no other image has. */
  readonly digest: string;

  /**
   * The tags.
   *
   * @default - none
   */
  readonly tags?: string[];

  /** When it was pushed. A tag that is added later does not change that. */
  readonly pushedAt: Date;

  /**
   * When it was pulled for the last time.
   *
   * @default - never
   */
  readonly pulledAt?: Date;

  /**
   * Where it is kept.
   *
   * @default ImageStorageClass.STANDARD
   */
  readonly storageClass?: ImageStorageClass;

  /**
   * When it went to the archive.
   *
   * @default - when it was pushed, for an image that is there
   */
  readonly archivedAt?: Date;

  /**
   * When it came back from the archive.
   *
   * @default - it did not
   */
  readonly restoredAt?: Date;

  /**
   * For an index of several platforms: the digests of the images that it lists.
   *
   * @default - none
   */
  readonly children?: string[];

  /**
   * For a signature or the like: the digest of the image that it is about.
   *
   * @default - none
   */
  readonly subject?: string;
}

/** The image as the rules see it. Throws for what is none. */
export function storedImage(image: LifecycleImage, position: number): StoredImage {
  const name = `images[${position}]`;
  if (!isObject(image) || typeof image.digest !== 'string') throw wrong(name, 'be an object with a digest', image);
  const { digest, tags = [], storageClass = ImageStorageClass.STANDARD, children = [], subject } = image;
  if (!isTexts(tags)) throw wrong(`${name}.tags`, 'be a list of texts', tags);
  if (!isTexts(children)) throw wrong(`${name}.children`, 'be a list of digests', children);
  if (!Object.values(ImageStorageClass).includes(storageClass)) throw wrong(`${name}.storageClass`, 'be an ImageStorageClass', storageClass);
  const pushedAt = time(`${name}.pushedAt`, image.pushedAt) ?? NaN;
  if (Number.isNaN(pushedAt)) throw wrong(`${name}.pushedAt`, 'be a date', image.pushedAt);
  return {
    digest,
    tags,
    storageClass,
    children,
    subject,
    pushedAt,
    pulledAt: time(`${name}.pulledAt`, image.pulledAt),
    archivedAt: time(`${name}.archivedAt`, image.archivedAt),
    restoredAt: time(`${name}.restoredAt`, image.restoredAt),
  };
}

/** Milliseconds since 1970. Throws for what is no date. */
export function time(name: string, date: Date | undefined): number | undefined {
  if (date === undefined || date === null) return undefined;
  const milliseconds = date instanceof Date ? date.getTime() : NaN;
  if (Number.isNaN(milliseconds)) throw wrong(name, 'be a date', date);
  return milliseconds;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(each => typeof each === 'string');
}

function wrong(property: string, must: string, got: unknown): Error {
  return new Error(`LifecycleSimulator: '${property}' must ${must}, got ${display(got)}. Write { digest, tags: […], pushedAt: new Date(…) }.`);
}
