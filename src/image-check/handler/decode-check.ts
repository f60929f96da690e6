import { EcrHost, parseEcrHost } from '../../custom-resource/ecr-host';
import { oneLine, truncateUtf8 } from '../../custom-resource/text';
import type { ImageCheckProperties, Runner } from '../image-check-properties';

/** A check as the template describes it. */
export interface CheckOrder {
  readonly registry: EcrHost;
  readonly repositoryName: string;
  /** `sha256:…` or a tag. */
  readonly version: string;
  /** The image by its whole name, for people. */
  readonly reference: string;
  readonly runner: Runner;
  readonly usedBy: string;
  /** As images name it: `amd64`, `arm64`. */
  readonly architecture?: string;
}

type Properties = Readonly<Record<string, unknown>>;

const RUNNERS: readonly Runner[] = ['EC2', 'FARGATE', 'LAMBDA'];
const VERSION = /^(?:sha256:[a-f0-9]{64}|\w[\w.-]{0,127})$/;

/** Reads the properties of the custom resource; throws a sentence about the first thing that is wrong. */
export function decodeCheck(properties: Properties): CheckOrder {
  text(properties, 'SchemaVersion', version => version === '1', "'1', which is all that this handler understands");
  const repository = text(properties, 'Repository', value => value.includes('/'), 'a repository of ECR');
  const slash = repository.indexOf('/');
  const registry = parseEcrHost(repository.slice(0, slash));
  if (registry === undefined) throw new Error("the property 'Repository' is not a repository of ECR");
  const version = text(properties, 'Version', value => VERSION.test(value), 'a digest or a tag');
  return {
    registry,
    repositoryName: repository.slice(slash + 1),
    version,
    reference: truncateUtf8(`${repository}${isDigest(version) ? '@' : ':'}${version}`, 450),
    runner: text(properties, 'Runner', value => RUNNERS.includes(value as Runner), 'what can run an image') as Runner,
    usedBy: truncateUtf8(text(properties, 'UsedBy', () => true, 'a text'), 200),
    architecture: architectureOf(properties),
  };
}

/** Whether it names the very bytes of an image. */
export function isDigest(version: string): boolean {
  return version.startsWith('sha256:');
}

function architectureOf(properties: Properties): string | undefined {
  if (properties.Architecture === undefined) return undefined;
  const name = text(properties, 'Architecture', value => /^\w{2,20}$/.test(value), 'a CPU architecture').toLowerCase();
  return name === 'x86_64' ? 'amd64' : name;
}

function text(properties: Properties, name: keyof ImageCheckProperties, isRight: (value: string) => boolean, must: string): string {
  const value = properties[name];
  if (typeof value === 'string' && value !== '' && isRight(value)) return value;
  throw new Error(`the property '${name}' must be ${must}, not '${truncateUtf8(oneLine(String(value)), 150)}'`);
}
