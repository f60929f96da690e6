/**
 * The cache from which builds reuse the layers of earlier builds.
 *
 * @see https://docs.docker.com/build/cache/
 */
export class BuildCache {
  /** No cache: each build runs all steps. */
  public static none(): BuildCache {
    return new BuildCache('none');
  }

  /**
   * A cache in the repository, with one tag for each image and CPU architecture: `cache-<image ID>-<architecture>`. Builds on any host use it.
   *
   * BuildKit exports all layers after each build, also those of earlier stages. For a small image, this can take longer than the build.
   * The repository must let the tags move (`ImageTagMutability.immutableExcept('cache-*')`); otherwise publishing throws. Each build leaves the
   * previous cache untagged, so add `LifecycleRule.expireUntagged`.
   *
   * @see https://docs.docker.com/build/cache/backends/registry/
   */
  public static registry(): BuildCache {
    return new BuildCache('registry');
  }

  /**
   * CodeBuild's local cache: a folder that CodeBuild keeps on the host for a while. A build on another host, or after a longer pause, does not find it.
   * It costs nothing.
   *
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/caching-local.html
   */
  public static local(): BuildCache {
    return new BuildCache('local');
  }

  private constructor(private readonly kind: 'none' | 'registry' | 'local') {}

  /** @internal */
  public _kind(): 'none' | 'registry' | 'local' {
    return this.kind;
  }
}
