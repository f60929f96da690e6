import { EcrRepository, decodeRepository } from '../../custom-resource/ecr';
import { propertyText, truncateUtf8 } from '../../custom-resource/text';
import { parsePlatform } from '../../engine/platforms';
import type { ImageCheckProperties, Runner } from '../image-check-properties';

/** The check that the custom resource requests. */
export interface ImageCheckRequest extends EcrRepository {
  /** The digest (`sha256:…`) or tag. */
  readonly version: string;
  /** The full reference of the image, for messages. */
  readonly reference: string;
  readonly runner: Runner;
  readonly usedBy: string;
  /** The CPU architecture as images name it: `amd64`, `arm64`. */
  readonly architecture?: string;
}

type Properties = Readonly<Record<string, unknown>>;

const RUNNERS: readonly Runner[] = ['EC2', 'FARGATE', 'LAMBDA'];
const VERSION = /^(?:sha256:[a-f0-9]{64}|\w[\w.-]{0,127})$/;
const text = propertyText<keyof ImageCheckProperties>;

/** Parses the properties of the custom resource. Throws a sentence about the first error. */
export function decodeCheck(properties: Properties): ImageCheckRequest {
  text(properties, 'SchemaVersion', version => version === '1', "'1', the only version that this handler supports");
  const version = text(properties, 'Version', value => VERSION.test(value), 'a digest or a tag');
  return {
    ...decodeRepository(properties),
    version,
    reference: truncateUtf8(`${String(properties.Repository)}${isDigest(version) ? '@' : ':'}${version}`, 450),
    runner: text(properties, 'Runner', value => RUNNERS.includes(value as Runner), 'what can run an image') as Runner,
    usedBy: truncateUtf8(text(properties, 'UsedBy', () => true, 'a text'), 200),
    architecture: architectureOf(properties),
  };
}

/** Whether a version is a digest. */
export function isDigest(version: string): boolean {
  return version.startsWith('sha256:');
}

function architectureOf(properties: Properties): string | undefined {
  if (properties.Architecture === undefined) return undefined;
  return parsePlatform(text(properties, 'Architecture', value => /^\w{2,20}$/.test(value), 'a CPU architecture')).architecture;
}
