import { IGrantable } from 'aws-cdk-lib/aws-iam';
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
   * The platform that the image is built for, e.g. `linux/arm64`.
   *
   * @default - not known
   */
  readonly platform?: string;
}

/**
 * Where an image comes from. `ImageSource` has the ready-made ones.
 *
 * One source may be published into several repositories.
 */
export interface IImageSource {
  /**
   * Create what the source needs and let the reader read it.
   *
   * Called by the repository, once for each scope.
   *
   * @param scope a fresh scope that belongs to this image alone
   * @param options who reads the image
   */
  bind(scope: Construct, options: ImageSourceBindOptions): ImageSourceConfig;
}
