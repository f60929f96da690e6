/** What the names of hosts end in, in one partition of AWS. */
export interface AwsPartition {
  /** Hosts of the services. */
  readonly services: string;
  /** Hosts of private ECR registries. */
  readonly registries: readonly string[];
}

const PARTITIONS: readonly (readonly [RegExp, AwsPartition])[] = [
  [/^cn-/, { services: 'amazonaws.com.cn', registries: ['amazonaws.com.cn', 'on.amazonwebservices.com.cn'] }],
  [/^us-iso-/, { services: 'c2s.ic.gov', registries: ['c2s.ic.gov'] }],
  [/^us-isob-/, { services: 'sc2s.sgov.gov', registries: ['sc2s.sgov.gov'] }],
  [/^us-isof-/, { services: 'csp.hci.ic.gov', registries: ['csp.hci.ic.gov'] }],
  [/^eu-isoe-/, { services: 'cloud.adc-e.uk', registries: ['cloud.adc-e.uk'] }],
  [/^eusc-/, { services: 'amazonaws.eu', registries: ['amazonaws.eu'] }],
];
const COMMERCIAL: AwsPartition = { services: 'amazonaws.com', registries: ['amazonaws.com', 'on.aws'] };

/**
 * The partition of a region; GovCloud has the host names of the commercial one.
 *
 * @see https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
 */
export function partitionOf(region: string): AwsPartition {
  return PARTITIONS.find(([regions]) => regions.test(region))?.[1] ?? COMMERCIAL;
}
