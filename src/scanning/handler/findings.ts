import { shortText } from '../../custom-resource/text';
import { isObject, records } from '../../engine/json';
import { SEVERITIES, Severity, UNRATED } from '../severity';

/** A finding of either kind of scan. */
export interface Finding {
  /** Usually a CVE number. */
  readonly name: string;
  readonly severity: Severity;
  /** Name and version of the package. */
  readonly inPackage?: string;
  readonly fixedIn?: string;
}

type Json = Readonly<Record<string, unknown>>;

// The statuses of findings that the account suppressed or that are resolved.
const INACTIVE_STATUSES = ['SUPPRESSED', 'CLOSED'];
const NO_FIX = 'NotAvailable';
// The maximum length of a name that can be accepted.
const LONGEST_NAME = 128;

/** The findings on a page of `DescribeImageScanFindings`, of basic and enhanced scanning. */
export function findingsOn(page: Json): Finding[] {
  const { findings, enhancedFindings } = page;
  return [
    ...records(findings).map(basicFinding),
    ...records(enhancedFindings).filter(({ status }) => !INACTIVE_STATUSES.includes(String(status))).map(enhancedFinding),
  ];
}

/** All entries of a page, including those that do not count. */
export function listedOn({ findings, enhancedFindings }: Json): Json[] {
  return [...records(findings), ...records(enhancedFindings)];
}

/** Whether a page has at least one list, and only lists of findings. */
export function isReadable({ findings, enhancedFindings }: Json): boolean {
  const lists = [findings, enhancedFindings].filter(list => list !== undefined && list !== null);
  return lists.length > 0 && lists.every(list => Array.isArray(list) && list.every(isObject));
}

function basicFinding({ name, severity, attributes }: Json): Finding {
  const attribute = (key: string) => shortText(records(attributes).find(each => each.key === key)?.value);
  return {
    name: shortText(name, LONGEST_NAME) ?? 'a finding without a name',
    severity: severityOf(severity),
    inPackage: [attribute('package_name'), attribute('package_version')].filter(Boolean).join(' ') || undefined,
  };
}

function enhancedFinding({ severity, title, packageVulnerabilityDetails }: Json): Finding {
  const details = isObject(packageVulnerabilityDetails) ? packageVulnerabilityDetails : {};
  const [first] = records(details.vulnerablePackages);
  const fixedIn = shortText(first?.fixedInVersion);
  return {
    name: shortText(details.vulnerabilityId, LONGEST_NAME) ?? shortText(title) ?? 'a finding without a name',
    severity: severityOf(severity),
    inPackage: [shortText(first?.name), shortText(first?.version)].filter(Boolean).join(' ') || undefined,
    fixedIn: fixedIn === NO_FIX ? undefined : fixedIn,
  };
}

/** The severity. An unknown one counts as critical. */
function severityOf(value: unknown): Severity {
  if (UNRATED.includes(String(value))) return Severity.INFORMATIONAL;
  return SEVERITIES.find(each => each === value) ?? Severity.CRITICAL;
}
