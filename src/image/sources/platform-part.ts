import { Construct } from 'constructs';

/** The scope of one platform of an image for several. */
export class PlatformPart extends Construct {
  /**
   * @param image the image with all of its platforms
   * @param position the place of the platform, from 1
   */
  constructor(public readonly image: Construct, position: number) {
    super(image, `Platform${position}`);
  }
}

/** The image that a scope belongs to. Warnings are added there, so that they appear once for all platforms. */
export function imageOf(scope: Construct): Construct {
  return scope instanceof PlatformPart ? scope.image : scope;
}
