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

/** How an image is built from a directory: everything that `DockerImageAsset` knows, and several platforms. */
export interface DirectorySourceOptions extends DockerImageAssetOptions {
  /**
   * Build one image for each of these platforms, and join them to one index in the repository. Whoever pulls it gets the image
   * for his own platform. Docker has to be able to build for all of them (with emulation, for example). The image is copied,
   * never pushed directly.
   *
   * @default - one platform: `platform`
   */
  readonly platforms?: Platform[];
}
