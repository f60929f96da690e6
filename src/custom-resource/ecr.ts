import { AwsApi, AwsDependencies, AwsResponse, CallLimits, partitionOf } from './aws';
import { messageOf, propertyText, shortText } from './text';
import { digestOf } from '../engine/digest';
import { isObject, records, parseObject } from '../engine/json';
import { IMAGES, INDEXES, kindOfManifest } from '../engine/manifest';

/** The ECR operations that the functions call. */
export type EcrOperation = 'BatchGetImage' | 'DescribeImageScanFindings' | 'GetDownloadUrlForLayer' | 'PutImage' | 'StartImageScan';

/** The names of ECR in requests and messages. */
export const ECR = { service: 'ecr', title: 'ECR', target: 'AmazonEC2ContainerRegistry_V20150921' };
// A manifest has up to 4 MiB, and up to three times that as a JSON string. A page of findings has a few hundred KiB.
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** The API of ECR for one repository. */
export class EcrApi {
  private readonly api: AwsApi<EcrOperation>;

  constructor(private readonly registry: EcrHost, private readonly repositoryName: string, dependencies: AwsDependencies, limits: CallLimits) {
    const { region, apiHost: host } = registry;
    this.api = new AwsApi({ ...ECR, region, host, resourceName: repositoryName, maxResponseBytes: MAX_RESPONSE_BYTES }, dependencies, limits);
  }

  /** Calls an operation. Throws an `AwsCallError` if it fails. */
  public async call(operation: EcrOperation, input: object): Promise<AwsResponse> {
    const { registry: { account: registryId }, repositoryName } = this;
    return this.api.call(operation, { registryId, repositoryName, ...input });
  }
}

/** The parts of the host name of a private ECR registry. */
export interface EcrHost {
  readonly account: string;
  readonly region: string;
  /** The host of the ECR API that issues tokens for the registry. */
  readonly apiHost: string;
}

/**
 * Parses the host name of a private ECR registry. `undefined` for every other host.
 *
 * The whole name must match. Looking only for `dkr.ecr` would send the password of the registry to foreign hosts.
 */
export function parseEcrHost(host: string): EcrHost | undefined {
  const match = /^(\d{12})\.dkr[.-]ecr(-fips)?\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.([a-z0-9.-]+)$/.exec(host);
  if (match === null) return undefined;
  const [, account, fips, region, suffix] = match;
  const { registries, services } = partitionOf(region);
  if (!registries.includes(suffix)) return undefined;
  return { account, region, apiHost: `${fips === undefined ? 'api.ecr' : 'ecr-fips'}.${region}.${services}` };
}

/** An ECR repository. */
export interface EcrRepository {
  readonly registry: EcrHost;
  readonly repositoryName: string;
}

/** Parses the property `Repository` of a custom resource: `host/repository`. Throws a sentence if it is not a repository of ECR. */
export function decodeRepository(properties: Readonly<Record<string, unknown>>): EcrRepository {
  const repository = propertyText(properties, 'Repository', value => value.includes('/'), 'a repository of ECR');
  const slash = repository.indexOf('/');
  const registry = parseEcrHost(repository.slice(0, slash));
  if (registry === undefined) throw new Error("the property 'Repository' is not a repository of ECR");
  return { registry, repositoryName: repository.slice(slash + 1) };
}

/** An image in the repository. Its bytes match the digest. */
export interface StoredImage {
  readonly digest: string;
  readonly manifest: string;
  /** The media type that ECR reports. */
  readonly mediaType?: string;
}

/** A parsed manifest. Its fields and all known media types agree on its kind. */
export interface Manifest {
  /** @default - another artifact, which may be runnable as well */
  readonly kind?: 'image' | 'index';
  readonly json: Json;
}

type Json = Readonly<Record<string, unknown>>;

/** The maximum size of a manifest in ECR. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html
const FIXES_BY_FAILURE_CODE: Readonly<Record<string, string>> = {
  ImageInaccessible: 'it is archived: restore it in ECR',
  KmsError: 'allow the role of the function to use the key of the repository, and check that the key is enabled',
  UpstreamAccessDenied: 'check the credentials of the pull-through cache',
  UpstreamTooManyRequests: 'deploy again later, or give the pull-through cache credentials',
  UpstreamUnavailable: 'deploy again later',
};

/** Finds the image with a tag or digest. `undefined` if there is none. */
export async function findImage(ecr: EcrApi, version: string): Promise<StoredImage | undefined> {
  const isByDigest = version.includes(':');
  const imageId = isByDigest ? { imageDigest: version } : { imageTag: version };
  const { images, failures } = await ecr.call('BatchGetImage', { imageIds: [imageId], acceptedMediaTypes: [...IMAGES, ...INDEXES] });
  const [found] = records(images);
  const digest = isObject(found?.imageId) ? found.imageId.imageDigest : undefined;
  if (typeof digest === 'string' && typeof found.imageManifest === 'string') {
    const { imageManifest: manifest, imageManifestMediaType: mediaType } = found;
    if (isByDigest && digest !== version) throw new Error(`ECR returned another image than ${version}`);
    const image: StoredImage = { digest, manifest, mediaType: typeof mediaType === 'string' ? mediaType : undefined };
    verifyManifest(image);
    return image;
  }
  const code = records(failures)[0]?.failureCode;
  if (code === undefined || code === 'ImageNotFound') return undefined;
  const fix = FIXES_BY_FAILURE_CODE[String(code)];
  throw new Error(`ECR did not give the image ${version}: ${shortText(code)}${fix === undefined ? '' : `; ${fix}`}`);
}

/** Reads the image with a tag or digest. Throws if there is none. */
export async function readImage(ecr: EcrApi, version: string): Promise<StoredImage> {
  const image = await findImage(ecr, version);
  if (image === undefined) throw new Error(`the image ${version} is not in the repository; deploy again, so that it is published again`);
  return image;
}

/** The error for an ambiguous manifest. Programs could read it in different ways, so it is uncertain which image runs. */
export class AmbiguousManifestError extends Error {
  constructor(why: string, digest: string) {
    super(`${why} (${digest}); build the image again`);
  }
}

/**
 * Parses the manifest of an image. Throws an `AmbiguousManifestError` if the checked image may not be the one that runs.
 *
 * @param listedAs the media type in the index that lists it.
 */
export function manifestOf({ digest, manifest, mediaType }: StoredImage, listedAs?: string): Manifest {
  try {
    const json = parseObject(Buffer.from(manifest), 'the manifest');
    return { kind: kindOfManifest(json, mediaType, listedAs), json };
  } catch (error) {
    throw new AmbiguousManifestError(messageOf(error), digest);
  }
}

function verifyManifest({ digest, manifest }: StoredImage): void {
  const bytes = Buffer.from(manifest);
  if (bytes.length > MAX_MANIFEST_BYTES) throw new Error(`the manifest of ${digest} is larger than ${MAX_MANIFEST_BYTES} bytes`);
  if (digestOf(bytes, digest) !== digest) throw new Error(`ECR returned a manifest that does not have the digest ${digest}`);
}
