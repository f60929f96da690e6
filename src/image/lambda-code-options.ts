import { ImageCheck } from '../image-check/image-check';

/** How Lambda starts the image. */
export interface LambdaCodeOptions {
  /**
   * The command, instead of the image's own.
   *
   * @default - the CMD of the image
   */
  readonly cmd?: string[];

  /**
   * The entry point, instead of the image's own.
   *
   * @default - the ENTRYPOINT of the image
   */
  readonly entrypoint?: string[];

  /**
   * The working directory, instead of the image's own.
   *
   * @default - the WORKDIR of the image
   */
  readonly workingDirectory?: string;

  /**
   * Whether the image is looked at before the function changes.
   *
   * @default - it is, when it is copied or passes a scan gate. For an image that is pushed directly no function is made.
   */
  readonly imageCheck?: ImageCheck;
}
