import { EcrRepository, decodeRepository } from '../../custom-resource/ecr';
import { propertyText } from '../../custom-resource/text';
import type { AcceptedFindingProperties, ScanGateProperties } from '../scan-gate-properties';
import { SEVERITIES, Severity } from '../severity';

/** The evaluation that the custom resource requests. */
export interface ScanGateRequest extends EcrRepository {
  readonly tag: string;
  /** @default - the digest of the tag */
  readonly digest?: string;
  readonly passedTagPrefix: string;
  readonly failOn: Severity;
  readonly waitMilliseconds: number;
  readonly accept: readonly AcceptedFindingProperties[];
}

type Properties = Readonly<Record<string, unknown>>;

const TAG = /^\w[\w.-]{0,127}$/;
const DIGITS_IN_TAG = 12;
const MINUTE = 60_000;
const text = propertyText<keyof ScanGateProperties | keyof AcceptedFindingProperties>;

/** Parses the properties of the custom resource. Throws a sentence about the first error. */
export function decodeGate(properties: Properties): ScanGateRequest {
  text(properties, 'SchemaVersion', version => version === '1', "'1', the only version that this handler supports");
  const passedTagPrefix = text(properties, 'PassedTagPrefix', value => TAG.test(value + '0'.repeat(DIGITS_IN_TAG)), 'the beginning of a tag');
  const minutes = Number(text(properties, 'WaitMinutes', value => /^\d{1,2}$/.test(value), 'a number of minutes'));
  return {
    ...decodeRepository(properties),
    tag: text(properties, 'Tag', value => TAG.test(value), 'a tag'),
    digest: properties.Digest === undefined ? undefined : text(properties, 'Digest', value => /^sha256:[a-f0-9]{64}$/.test(value), 'a digest'),
    passedTagPrefix,
    failOn: text(properties, 'FailOn', value => SEVERITIES.includes(value as Severity), 'a severity') as Severity,
    waitMilliseconds: minutes * MINUTE,
    accept: acceptedFindings(properties),
  };
}

/** The tag that records that an image passed. */
export function passedTag({ passedTagPrefix }: ScanGateRequest, digest: string): string {
  return passedTagPrefix + digest.slice(digest.indexOf(':') + 1).slice(0, DIGITS_IN_TAG);
}

function acceptedFindings({ Accept: list = [] }: Properties): AcceptedFindingProperties[] {
  if (!Array.isArray(list)) throw new Error("the property 'Accept' must be a list of findings");
  return list.map((each: Properties) => {
    const read = (name: keyof AcceptedFindingProperties) => text(each, name, () => true, 'a text');
    return { Name: read('Name'), LastDay: read('LastDay'), Reason: read('Reason') };
  });
}
