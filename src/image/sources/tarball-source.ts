import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { AssetStaging, Names, Stack, Stage } from 'aws-cdk-lib';
import { IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import { Construct, IConstruct } from 'constructs';
import { statOf } from './build-context';
import { ArchivedImage, ImageArchive, NoImageArchive, readImageArchive, writeImage } from './image-archive';
import { BACKSLASHES_FIX, withSlashes } from './portable-paths';
import { TarArchive } from './tar';
import { reject } from '../../private/validation';
import { ImageSourceBinder, TARBALL_SOURCE, ImageSourceTarballOptions } from '../image-source-config';
import { normalPlatform } from '../platform-names';

const DIGITS_OF_ID = 12;

// The CDK CLI runs this command and pushes the image whose name it prints. Docker finds an image by the digest of its configuration, or by its
// name. The arguments are the archive and the possible names of the image.
const LOAD = `
docker="\${CDK_DOCKER:-docker}"
loaded=$("$docker" load --input "$1") || exit
shift
for image in "$@"; do
  if "$docker" image inspect "$image" > /dev/null 2>&1; then echo "$image"; exit; fi
done
image=$(printf '%s\\n' "$loaded" | sed -n 's/^Loaded image[^:]*: *//p')
case "$image" in
  '' | *[!A-Za-z0-9_.:@/+-]*) printf 'The archive must have exactly one image. It has:\\n%s\\n' "$loaded" >&2; exit 1 ;;
esac
echo "$image"
`.trim();

/** An image of an archive, which is loaded during the deployment. */
export function tarballSource(tarballFile: string, options: ImageSourceTarballOptions): ImageSourceBinder {
  return (scope, { reader }) => {
    checkFile(scope, tarballFile);
    TARBALL_SOURCE.check(scope, '', options, 'options');
    const { platform, ...loaded } = readArchive(scope, tarballFile, (archive, tar) => chosenIn(scope, { tarballFile, options, archive, tar }));
    const asset = new LoadedImage(scope, 'Asset', loaded);
    asset.repository.grantPull(reader);
    return { reference: asset.imageUri, platforms: platform === undefined ? undefined : [platform], hasContentTag: true, _asset: asset };
  };
}

/** The platforms of the images in an archive; undefined for those that are unknown. */
export function platformsInArchive(scope: IConstruct, tarballFile: string): (string | undefined)[] {
  return readArchive(scope, tarballFile, ({ images = [] }) => images.map(({ platform }) => platform));
}

function checkFile(scope: IConstruct, tarballFile: unknown): void {
  const stat = typeof tarballFile === 'string' ? statOf(tarballFile) : undefined;
  if (stat?.isFile()) return;
  const hasBackslashes = typeof tarballFile === 'string' && tarballFile.includes('\\') && path.sep === '/';
  const isLayout = stat?.isDirectory() && statOf(path.join(String(tarballFile), 'index.json'))?.isFile();
  reject(scope, {
    property: 'tarballFile', must: 'be an existing file', got: tarballFile, fix: hasBackslashes ? BACKSLASHES_FIX : isLayout
      ? `This directory is an OCI image layout. Write it into a file with: tar --create --file web.tar --directory ${String(tarballFile)} .`
      : 'Write it with: docker save --output web.tar web:latest',
  });
}

function readArchive<T>(scope: IConstruct, file: string, use: (archive: ImageArchive, tar?: TarArchive) => T): T {
  try {
    return readImageArchive(file, outputOf(scope), use);
  } catch (problem) {
    if (!(problem instanceof NoImageArchive)) throw problem;
    return reject(scope, {
      property: 'tarballFile', must: `be an archive of images, but ${problem.message}`, got: file,
      fix: 'Write it with: docker save --output web.tar web:latest',
    });
  }
}

/** The directory of the assets. Outside of an app it does not matter, because nothing is deployed. */
function outputOf(scope: IConstruct): string {
  return Stage.of(scope)?.assetOutdir ?? os.tmpdir();
}

interface Chosen extends LoadedImageProps {
  /** @default - unknown */
  readonly platform?: string;
}

interface Choice {
  readonly tarballFile: string;
  readonly options: ImageSourceTarballOptions;
  readonly archive: ImageArchive;
  readonly tar?: TarArchive;
}

function chosenIn(scope: Construct, { tarballFile, options, archive: { images }, tar }: Choice): Chosen {
  const wanted = options.platform && normalPlatform(options.platform.platform);
  if (images === undefined || tar === undefined) {
    return { file: tarballFile, names: options.image === undefined ? [] : [options.image], platform: wanted };
  }
  const image = oneOf(scope, images, options.image, wanted);
  const { id, names, digest, platform = wanted } = image;
  if (images.length === 1 && image.isForDocker) {
    return { file: tarballFile, names: [id, digest, ...names].filter(name => name !== undefined), platform };
  }
  const sourceHash = createHash('sha256').update(`image ${id}`).digest('hex');
  const name = `cdk-container-delivery/tarball:${sourceHash.slice(0, 2 * DIGITS_OF_ID)}`;
  return { file: alone(scope, tar, image, { sourceHash, name }), sourceHash, names: [id, name], platform };
}

/** The image that the options select. Throws unless exactly one image matches. */
function oneOf(scope: Construct, images: readonly ArchivedImage[], name?: string, platform?: string): ArchivedImage {
  const named = images.filter(image => name === undefined || isCalled(image, name));
  if (named.length === 0) {
    reject(scope, { property: 'image', must: 'be an image in the archive', got: name, fix: `Use one of these: ${listOf(images)}.` });
  }
  const fitting = named.filter(image => platform === undefined || image.platform === undefined || image.platform === platform);
  if (fitting.length === 0) {
    reject(scope, { property: 'platform', must: 'be a platform in the archive', got: platform, fix: `Use one of these: ${listOf(named)}.` });
  }
  if (fitting.length > 1) {
    const [platforms, names] = [fitting.map(each => each.platform), fitting.map(each => each.names.join())];
    const areForSeveral = new Set(platforms).size === fitting.length && new Set(names).size === 1;
    reject(scope, areForSeveral ? {
      property: 'platform', must: 'choose one of the platforms in the archive', got: platform,
      fix: `Write ImageSource.tarball(file, { platform }) with one of these: ${listOf(fitting)}. To publish all, join one source for each with ImageSource.platforms.`,
    } : {
      property: 'image', must: 'choose one of the images in the archive', got: name,
      fix: `Write ImageSource.tarball(file, { image }) with one of these: ${listOf(fitting)}.`,
    });
  }
  return fitting[0];
}

function isCalled({ id, digest, names }: ArchivedImage, name: string): boolean {
  const isId = [id, digest].some(each => each === name || (name.length >= DIGITS_OF_ID && each?.startsWith(`sha256:${name}`)));
  return isId || names.some(each => fullName(each) === fullName(name));
}

/** Completes a name as Docker does. Podman writes `localhost/` before names without a host. */
function fullName(name: string): string {
  const short = name.replace(/^((index\.)?docker\.io\/(library\/)?|localhost\/)/, '');
  return /[:@][^/]*$/.test(short) ? short : `${short}:latest`;
}

function listOf(images: readonly ArchivedImage[]): string {
  return images.map(({ id, names, platform = 'unknown platform' }) => `${names.join(' or ') || id} (${platform})`).join(', ');
}

/** Writes an archive with only this image into the output of the synthesis. Older versions of Docker can load it too. */
function alone(scope: Construct, tar: TarArchive, image: ArchivedImage, { sourceHash, name }: { sourceHash: string; name: string }): string {
  const target = path.join(outputOf(scope), `asset.${sourceHash}.tar`);
  if (fs.existsSync(target)) return target;
  const unfinished = `${target}.${process.pid}`;
  const descriptor = fs.openSync(unfinished, 'w');
  try {
    writeImage(tar, image, name, descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(unfinished, target);
  return target;
}

interface LoadedImageProps {
  readonly file: string;
  /** The names of the image after it is loaded, the most exact first. If there are none, the archive must have one image. */
  readonly names: string[];
  /** The hash of the image, if the file is already in the output of the synthesis. @default - the hash of the file, which is copied there */
  readonly sourceHash?: string;
}

/** Loads an image of an archive. `TarballImageAsset` of aws-cdk publishes the last image, and does not find the file in a stage. */
class LoadedImage extends Construct {
  public readonly repository: IRepository;
  public readonly imageUri: string;
  public readonly imageTag: string;

  constructor(scope: Construct, id: string, { file, names, sourceHash: given }: LoadedImageProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const staging = given === undefined ? new AssetStaging(this, 'Staging', { sourcePath: file }) : undefined;
    // Relative, because the CDK CLI runs the command in the directory of the manifest.
    const staged = staging?.relativeStagedPath(stack) ?? path.relative(Stage.of(this)?.outdir ?? '', file);
    const sourceHash = given ?? staging?.assetHash ?? '';
    const location = stack.synthesizer.addDockerImageAsset({
      sourceHash,
      executable: ['sh', '-c', LOAD, 'load', withSlashes(staged), ...names],
      displayName: Names.stackRelativeConstructPath(this),
    });
    this.repository = Repository.fromRepositoryName(this, 'Repository', location.repositoryName);
    this.imageUri = location.imageUri;
    this.imageTag = location.imageTag ?? sourceHash;
  }
}
