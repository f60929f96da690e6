/** The road on which an image gets into its repository. */
export enum ImageRoute {
  /**
   * `cdk deploy` builds the image and pushes it into the repository. Needs `DirectPushSynthesizer`, which says who else can push then:
   * every app with the same bootstrap qualifier.
   */
  DIRECT = 'direct',

  /** A function copies the image into the repository during the deployment. Works always. */
  COPY = 'copy',
}
