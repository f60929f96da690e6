import { createHash } from 'node:crypto';
import { CopyRequest, tagList } from '../../copy/handler/decode';
import { SOURCE_TAG } from '../../copy/image-copy-properties';
import { propertyText, wrongProperty } from '../../custom-resource/text';
import { RepositoryReference, formatReference, isTag, parseImage, parseRepository } from '../../engine/contract';
import { isObject } from '../../engine/json';
import type { BuildSecretProperties, ImageBuildProperties, PlatformBuildProperties } from '../image-build-properties';

/** The image to build, as described by the template. */
export interface BuildRequest {
  readonly destination: RepositoryReference;
  readonly builds: readonly PlatformBuild[];
  /** `bucket/key` */
  readonly source: string;
  readonly arguments: readonly string[];
  readonly outputOptions: string;
  /** Flags for attestations. */
  readonly attestations: readonly string[];
  readonly secrets: readonly BuildSecret[];
  /** The tag that records what was built from these inputs. */
  readonly sourceTag: string;
  readonly liveTagPrefix: string;
  readonly tags: CopyRequest['tags'];
}

/** The build for one platform. */
export interface PlatformBuild {
  readonly platform: string;
  readonly project: string;
  readonly arguments: readonly string[];
}

/** A build secret. */
export interface BuildSecret {
  readonly id: string;
  readonly arn: string;
}

type Properties = Readonly<Record<string, unknown>>;
type Name = keyof ImageBuildProperties | keyof PlatformBuildProperties | keyof BuildSecretProperties;

const DIGITS_IN_TAG = 12;
const ATTESTATION = /^--(?:provenance|sbom)=[^\s,"']+$/;

/** Parses the properties of the custom resource. Throws a sentence about the first error. */
export function decodeBuild(properties: Properties): BuildRequest {
  text(properties, 'SchemaVersion', /^1$/, "'1', the only version that this handler supports");
  const liveTagPrefix = propertyText(
    properties, 'LiveTagPrefix' satisfies Name, value => isTag(value + SOURCE_TAG + '0'.repeat(DIGITS_IN_TAG)), 'the beginning of a tag',
  );
  const builds = list(properties, 'Builds').map(each => buildIn(each));
  const counted = texts(properties, 'Arguments');
  if (counted.length === 0) throw wrongProperty('Arguments', 'a list with the build context', properties.Arguments);
  const source = text(properties, 'Source', /^[^/]+\/[^/]/, 'a bucket and a key');
  const outputOptions = properties.OutputOptions === undefined ? '' : text(properties, 'OutputOptions', /^(,[a-z-]+=[a-z0-9]+)+$/, 'fields of an output');
  const secrets = (properties.Secrets === undefined ? [] : list(properties, 'Secrets')).map(each => secretIn(each));
  const attestations = texts(properties, 'Attestations');
  if (!attestations.every(flag => ATTESTATION.test(flag))) throw new Error("the property 'Attestations' must be a list of --provenance and --sbom");
  const inputs = [
    source.slice(source.indexOf('/') + 1), builds.map(({ platform }) => platform), counted, outputOptions, secrets.map(({ id }) => id),
    // Left out if there are none, so that images keep the tag that they had before attestations were supported.
    ...attestations.length > 0 ? [attestations] : [],
  ];
  return {
    destination: repository(properties),
    builds,
    source,
    arguments: [...texts(properties, 'UncountedArguments'), ...counted],
    outputOptions,
    attestations,
    secrets,
    sourceTag: liveTagPrefix + SOURCE_TAG + createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, DIGITS_IN_TAG),
    liveTagPrefix,
    tags: [
      ...tagList(properties, 'Tags').map(name => ({ name, onOtherDigest: 'fail' as const })),
      ...tagList(properties, 'FloatingTags').map(name => ({ name, onOtherDigest: 'move' as const })),
    ],
  };
}

/** The request to tag an image that is already in its repository, named by the digests of new builds or by the tag that records the inputs. */
export function requestToTag({ destination, sourceTag, liveTagPrefix, tags, attestations }: BuildRequest, digests?: readonly string[]): CopyRequest {
  return {
    sources: (digests ?? [sourceTag]).map(version => parseImage(formatReference(destination, version))),
    destination, sourceTag, liveTagPrefix, tags, referrers: false, keepWhenThere: true, isPushed: digests !== undefined,
    detachAttestations: digests !== undefined && attestations.length > 0,
  };
}

function repository(properties: Properties): RepositoryReference {
  const value = text(properties, 'Destination', /\//, 'a repository');
  try {
    return parseRepository(value);
  } catch {
    throw wrongProperty('Destination', 'a repository', value);
  }
}

function buildIn(value: unknown): PlatformBuild {
  const properties = isObject(value) ? value : {};
  return {
    platform: text(properties, 'Platform', /^[\w.-]+(?:\/[\w.-]+){1,2}$/, 'a platform'),
    project: text(properties, 'Project', /^[A-Za-z0-9][\w-]+$/, 'the name of a project'),
    arguments: texts(properties, 'Arguments'),
  };
}

function secretIn(value: unknown): BuildSecret {
  const properties = isObject(value) ? value : {};
  return {
    id: text(properties, 'Id', /^[\w.-]+$/, 'the ID of a build secret'),
    arn: text(properties, 'Arn', /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/, 'the ARN of a secret'),
  };
}

function list(properties: Properties, name: Name): unknown[] {
  const value = properties[name];
  if (Array.isArray(value) && value.length > 0) return value;
  throw wrongProperty(name, 'a list with something in it', value);
}

/** A list of texts, which may be empty. */
function texts(properties: Properties, name: Name): string[] {
  const value = properties[name] ?? [];
  // The values may be longer than a message, so they are not shown.
  if (!Array.isArray(value) || !value.every(each => typeof each === 'string')) throw new Error(`the property '${name}' must be a list of texts`);
  return value;
}

function text(properties: Properties, name: Name, pattern: RegExp, must: string): string {
  return propertyText(properties, name, value => pattern.test(value), must);
}
