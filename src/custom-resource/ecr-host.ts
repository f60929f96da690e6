import { partitionOf } from './aws-partition';

/** What the host name of a private ECR registry says. */
export interface EcrHost {
  readonly account: string;
  readonly region: string;
  /** Host of the ECR API that issues tokens for the registry. */
  readonly apiHost: string;
}

/**
 * Reads the host name of a private ECR registry, `undefined` for every other host.
 *
 * The whole name has to match: whoever only looks for `dkr.ecr` sends the registry's password to strangers.
 */
export function parseEcrHost(host: string): EcrHost | undefined {
  const match = /^(\d{12})\.dkr[.-]ecr(-fips)?\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.([a-z0-9.-]+)$/.exec(host);
  if (match === null) return undefined;
  const [, account, fips, region, suffix] = match;
  const { registries, services } = partitionOf(region);
  if (!registries.includes(suffix)) return undefined;
  return { account, region, apiHost: `${fips === undefined ? 'api.ecr' : 'ecr-fips'}.${region}.${services}` };
}
