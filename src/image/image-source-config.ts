import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** What a source may use to hand over its image. */
export interface ImageSourceBindOptions {
  /** Who reads the image. The source grants it what reading takes. */
  readonly reader: IGrantable;
}

/** Where an image can be read from. */
export interface ImageSourceConfig {
  /** The image to read: `host/repository:tag` or `host/repository@digest`. */
  readonly reference: string;

  /**
   * Images of further platforms. They are joined with `reference` to one index when the image is published.
   *
   * @default - none
   */
  readonly furtherPlatforms?: string[];

  /**
   * The platforms that the image is built for, e.g. `linux/arm64`.
   *
   * @default - not known
   */
  readonly platforms?: string[];

  /**
   * Whether the tag in `reference` is made of the content, so that it never means two things. What was copied from it is
   * then found again when the source is gone, as a rollback may need it.
   *
   * @default false
   */
  readonly hasContentTag?: boolean;

  /**
   * Whether others may have signed the image or attached something to it, which is then copied too.
   *
   * @default false
   */
  readonly hasReferrers?: boolean;

  /**
   * User and password for the registry, as JSON: `{"username":"…","password":"…"}`. The source lets the reader read it.
   *
   * @default - anonymous, or ECR's own credentials
   */
  readonly credentials?: ISecret;

  /**
   * The host that gets user and password in exchange for a token.
   *
   * @default - the registry's own, or the one known for it
   */
  readonly tokenHost?: string;
}

/** How one kind of source does what `ImageSource.bind` promises. */
export type ImageSourceBinder = (scope: Construct, options: ImageSourceBindOptions) => ImageSourceConfig;
