/**
 * The contract between the project, the function that starts builds, and the commands of a build: names of environment variables.
 *
 * This file imports nothing, so neither side depends on the other.
 */
export const BUILD_VARIABLES = {
  // Set in the project.
  /** The repository that BuildKit pushes to: `host/name`. */
  repositoryUri: 'REPOSITORY_URI',
  /** The region of that repository. */
  repositoryRegion: 'REPOSITORY_REGION',
  /** The image of BuildKit. */
  buildkitImage: 'BUILDKIT_IMAGE',
  /** The number of other registries to log in to. Each has a host, a user and a password: `REGISTRY_HOST_1`, and so on. */
  registries: 'REGISTRIES',
  registryHost: 'REGISTRY_HOST_',
  registryUser: 'REGISTRY_USER_',
  registryPassword: 'REGISTRY_PASSWORD_',

  // Set for each build.
  /** The arguments of `docker buildx build`, as JSON in Base64, so that neither a shell nor CodeBuild interprets them. */
  arguments: 'BUILDX_ARGUMENTS',
  /** Further fields of `--output`, with a comma before each: `,compression=zstd`. Empty if there are none. */
  output: 'OUTPUT_OPTIONS',
  /** Build secrets: `BUILD_SECRET_1`, and so on. */
  secret: 'BUILD_SECRET_',
  /** The custom resource that started the build. */
  resource: 'BUILD_RESOURCE',
  /** The CloudFormation request that started the build. */
  request: 'BUILD_REQUEST',
  /** The platform of the build. */
  platform: 'BUILD_PLATFORM',

  // Exported by the build.
  /** The digest of the pushed image, `sha256:…`. */
  digest: 'DIGEST',
} as const;

/** The folder in which each archive of the source is unpacked: `context.tar` into `context`. Paths in the arguments start here. */
export const BUILD_FOLDER = '/tmp/image-build';

/** The archive of the build context in the source, and the folder into which it is unpacked. */
export const CONTEXT = 'context';

/** The folder that CodeBuild's local cache keeps, and the folder with the cache of a new build. */
export const CACHE_FOLDER = '/root/image-build-cache';
export const NEW_CACHE_FOLDER = '/tmp/image-build-cache';

/** Options of a buildspec. */
export interface BuildspecOptions {
  /** Whether CodeBuild keeps the cache of BuildKit on the host. */
  readonly hasLocalCache: boolean;
}

const LOG_IN = [
  'aws ecr get-login-password --region "$REPOSITORY_REGION"',
  'docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"',
].join(' | ');

// A subshell, because `exit` would end the shell of CodeBuild.
const LOG_IN_ELSEWHERE = [
  '(for number in $(seq "${REGISTRIES:-0}"); do',
  'host="REGISTRY_HOST_$number" user="REGISTRY_USER_$number" password="REGISTRY_PASSWORD_$number";',
  'printf %s "${!password}" | docker login --username "${!user}" --password-stdin "${!host}" || exit 1;',
  'done)',
].join(' ');

// The entitlement has an effect only if a build requests it with --allow.
const CREATE_BUILDER = [
  'docker buildx create --name image-build --driver docker-container --driver-opt "image=$BUILDKIT_IMAGE"',
  '--buildkitd-flags "--allow-insecure-entitlement network.host" --bootstrap',
].join(' ');

// Archives keep links, permissions and empty directories, which the ZIP file of the source loses.
const UNPACK = [
  `(cd "$CODEBUILD_SRC_DIR" && for archive in *.tar; do folder="${BUILD_FOLDER}/\${archive%.tar}";`,
  'mkdir -p "$folder" && tar --extract --preserve-permissions --file "$archive" --directory "$folder" || exit 1; done)',
].join(' ');

// `arguments` is a shell array, so each value stays one argument, whatever characters it contains. `push-by-digest` sets no tag. If a flag is
// repeated, the last one counts, so `arguments` can turn an attestation on.
const BUILD = [
  `cd ${BUILD_FOLDER} && mapfile -d '' -t arguments < <(base64 --decode <<< "$BUILDX_ARGUMENTS" | jq --join-output '.[] + "\\u0000"')`,
  '&& docker buildx build --builder image-build --progress plain --provenance=false --sbom=false',
  `--metadata-file ${BUILD_FOLDER}/metadata.json`,
  '--output "type=image,name=$REPOSITORY_URI,push=true,push-by-digest=true,oci-mediatypes=true$OUTPUT_OPTIONS"',
  '"${arguments[@]}"',
].join(' ');

const EXPORT_DIGEST = `DIGEST=$(jq --exit-status --raw-output '."containerimage.digest"' ${BUILD_FOLDER}/metadata.json) && export DIGEST && echo "$DIGEST"`;

// BuildKit never removes anything from a local cache, so the new cache replaces the old one. A missing cache does not fail the build.
const KEEP_CACHE = [
  `if [ -e ${NEW_CACHE_FOLDER}/index.json ]; then rm -rf ${CACHE_FOLDER}/*; mkdir -p ${CACHE_FOLDER}; mv ${NEW_CACHE_FOLDER}/* ${CACHE_FOLDER}/; fi || true`,
].join(' ');

/**
 * The commands of a build. They contain no values from users. CodeBuild stops at the first command that fails.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
export function buildspecOf({ hasLocalCache }: BuildspecOptions) {
  return {
    version: '0.2',
    env: { 'shell': 'bash', 'exported-variables': [BUILD_VARIABLES.digest] },
    phases: {
      pre_build: { commands: [LOG_IN, LOG_IN_ELSEWHERE, CREATE_BUILDER, UNPACK] },
      build: { commands: [BUILD, EXPORT_DIGEST, ...hasLocalCache ? [KEEP_CACHE] : []] },
    },
    ...hasLocalCache && { cache: { paths: [`${CACHE_FOLDER}/**/*`] } },
  };
}
