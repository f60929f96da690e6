import { Duration } from 'aws-cdk-lib';
import { ImageSelection } from './image-selection';

/** When untagged images expire. */
export interface ExpireUntaggedOptions {
  /** How long ago the image was pushed, in whole days, at least one. */
  readonly olderThan: Duration;
}

/** Which images expire or are archived, and at what age. */
export interface ImageAgeOptions {
  /** Which images. */
  readonly images: ImageSelection;

  /**
   * How long ago the image was pushed, in whole days, at least one. For an image that came back from the archive, the time since
   * it came back counts.
   */
  readonly olderThan: Duration;
}

/** Which images are kept, and how many of them. */
export interface KeepNewestOptions {
  /** Which images. */
  readonly images: ImageSelection;

  /**
   * How many are kept, at least one: those that were pushed last. What belongs to an image may count too: the images of the
   * single platforms of an index, signatures.
   */
  readonly count: number;
}

/** Which images are archived when nobody pulls them. */
export interface ArchiveUnusedOptions {
  /** Which images. */
  readonly images: ImageSelection;

  /**
   * How long ago the image was pulled for the last time, in whole days, at least one. For an image that was never pulled, the time
   * since it was pushed counts. A task that has been running for longer has pulled its image once, when it was started.
   */
  readonly notPulledFor: Duration;
}

/** Which archived images expire. */
export interface ExpireArchivedOptions {
  /**
   * Which images.
   *
   * @default - all images in the archive
   */
  readonly images?: ImageSelection;

  /** How long the image has been in the archive, in whole days, at least 90. */
  readonly archivedFor: Duration;
}
