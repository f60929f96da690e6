/** What the host name of a private ECR registry says. */
export interface EcrHost {
  readonly account: string;
  readonly region: string;
  /** Host of the ECR API that issues tokens for the registry. */
  readonly apiHost: string;
}

/** Suffixes of registry hosts and those of the API in the same partition. */
const SUFFIXES: Readonly<Record<string, string>> = {
  'amazonaws.com': 'amazonaws.com',
  'on.aws': 'amazonaws.com',
  'amazonaws.com.cn': 'amazonaws.com.cn',
  'on.amazonwebservices.com.cn': 'amazonaws.com.cn',
  'amazonaws.eu': 'amazonaws.eu',
  'c2s.ic.gov': 'c2s.ic.gov',
  'sc2s.sgov.gov': 'sc2s.sgov.gov',
  'cloud.adc-e.uk': 'cloud.adc-e.uk',
  'csp.hci.ic.gov': 'csp.hci.ic.gov',
};

/**
 * Reads the host name of a private ECR registry, `undefined` for every other host.
 *
 * The whole name has to match: whoever only looks for `dkr.ecr` sends the registry's password to strangers.
 */
export function parseEcrHost(host: string): EcrHost | undefined {
  const match = /^(\d{12})\.dkr[.-]ecr(-fips)?\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.([a-z0-9.-]+)$/.exec(host);
  if (match === null) return undefined;
  const [, account, fips, region, suffix] = match;
  if (!Object.hasOwn(SUFFIXES, suffix)) return undefined;
  return { account, region, apiHost: `${fips === undefined ? 'api.ecr' : 'ecr-fips'}.${region}.${SUFFIXES[suffix]}` };
}
