import { DockerImageAssetOptions, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** What a registry asks for. */
export interface RegistrySourceOptions {
  /**
   * User and password, as JSON: `{"username":"…","password":"…"}`. Read when the image is copied, never at synthesis.
   *
   * @default - anonymous
   */
  readonly credentials?: ISecret;

  /**
   * The host that the registry sends to for tokens, where it is not its own: `docker-auth.elastic.co` for `docker.elastic.co`.
   * It gets user and password. Of no use without `credentials`.
   *
   * @default - the registry's own host; of Docker Hub and GitLab the one that is known for them
   * @see https://distribution.github.io/distribution/spec/auth/token/
   */
  readonly tokenHost?: string;
}

/**
 * How an image is built from a directory: everything that `DockerImageAsset` knows, and several platforms.
 *
 * `followSymlinks` decides what happens to symbolic links when CDK copies the build context. By default they stay links, as with
 * `docker build`. `SymlinkFollowMode.EXTERNAL` copies the targets of links that lead out of the directory, `ALWAYS` those of all links:
 * any file that the user who runs `cdk synth` can read may get into the image.
 *
 * The values of `buildArgs`, `buildContexts`, `cacheFrom`, `cacheTo` and `outputs` are written in clear text to the asset manifest in
 * `cdk.out`. Build arguments end up in the image history too. Pass secrets with `buildSecrets`, which only names a file or a variable.
 */
export interface DirectorySourceOptions extends DockerImageAssetOptions {
  /**
   * The platforms to build for. Docker builds one image for each of them, and they are joined to one index in the repository.
   * A client that pulls the index gets the image for its own platform. Docker has to be able to build for all of the platforms, for
   * example with emulation. The image is copied, never pushed directly.
   *
   * @default - one platform: `platform`
   */
  readonly platforms?: Platform[];
}
