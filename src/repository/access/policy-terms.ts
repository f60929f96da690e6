import { UNKNOWN } from '../../private/template/intrinsics';

// Other operators are also true if the key is missing or has another value: StringNotEquals, …IfExists, Null, ForAllValues.
const OPERATORS = /^(?:foranyvalue:)?(?:stringequals|stringequalsignorecase|stringlike|arnequals|arnlike)$/;

// Policy variables that name the owner of the repository. Any other variable can refer to the caller.
const OWNER = /\$\{aws:resource(?:orgid|account)\}/gi;

/** The power of an action over a repository, in ascending order. */
export enum Power {
  /** Pull, list and describe. A whole organization can be allowed to do so. */
  PULL,
  /** Read policies and settings. */
  READ,
  /** Push and scan images. */
  WRITE,
  /** Delete images, or change the repository and its rules. */
  ADMINISTER,
}

const BY_POWER: ReadonlyArray<[Power, readonly string[]]> = [
  [Power.PULL, [
    'BatchCheckLayerAvailability', 'BatchGetImage', 'GetDownloadUrlForLayer', 'DescribeImageReplicationStatus', 'DescribeImageScanFindings',
    'DescribeImageSigningStatus', 'DescribeImages', 'DescribeRepositories', 'ListImages', 'ListTagsForResource',
  ]],
  [Power.READ, [
    'BatchGetRepositoryScanningConfiguration', 'GetImageCopyStatus', 'GetLifecyclePolicy', 'GetLifecyclePolicyPreview', 'GetRepositoryPolicy',
  ]],
  [Power.WRITE, [
    'BatchImportUpstreamImage', 'CompleteLayerUpload', 'InitiateLayerUpload', 'PutImage', 'ReplicateImage', 'StartImageScan', 'UploadLayerPart',
  ]],
  [Power.ADMINISTER, [
    'BatchDeleteImage', 'DeleteLifecyclePolicy', 'DeleteRepository', 'DeleteRepositoryPolicy', 'PutImageScanningConfiguration',
    'PutImageTagMutability', 'PutLifecyclePolicy', 'SetRepositoryPolicy', 'StartLifecyclePolicyPreview', 'TagResource', 'UntagResource',
    'UpdateImageStorageClass',
  ]],
];

const ACTIONS = BY_POWER.flatMap(([power, names]) => names.map(name => ({ action: `ecr:${name}`.toLowerCase(), power })));

// Operations without an IAM action, and the action that allows them.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
const ALLOWED_BY: ReadonlyMap<string, string> = new Map([['ecr:listimagereferrers', 'ecr:BatchGetImage']]);

/** The action that allows an operation without an IAM action. */
export function allowedBy(action: string): string | undefined {
  return ALLOWED_BY.get(action.toLowerCase());
}

// Actions on the registry, which the policy of a repository cannot allow.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
const OF_REGISTRY = new RegExp('^ecr:(?:getauthorizationtoken|createrepository|describeregistry)$|pullthroughcacherule|repositorycreationtemplate'
  + '|registrypolicy|registryscanningconfiguration|accountsetting|signingconfiguration|pulltimeupdateexclusion|replicationconfiguration');

/** The power of an action in a policy; undefined if it is not an action on a repository. AWS ignores the case of actions. */
export function powerOf(action: string): Power | undefined {
  // Several stars match the same as one star. With many stars, the regular expression would run for hours.
  const wanted = action.toLowerCase().replace(/\*+/g, '*');
  if (wanted === '*') return Power.ADMINISTER;
  if (!wanted.startsWith('ecr:')) return undefined;
  if (/[*?]/.test(wanted)) {
    const pattern = new RegExp(`^${wanted.replace(/[^a-z0-9:*?]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
    const powers = ACTIONS.filter(each => pattern.test(each.action)).map(each => each.power);
    return powers.length > 0 ? Math.max(...powers) : undefined;
  }
  if (OF_REGISTRY.test(wanted) || ALLOWED_BY.has(wanted)) return undefined;
  // AWS may have added an unknown action later, so it counts as the most powerful one.
  return ACTIONS.find(each => each.action === wanted)?.power ?? Power.ADMINISTER;
}

// The part of a value with the organization, the account or the endpoint.
const whole = (value: string) => value;

const organizationOfPath = (value: string) => value === UNKNOWN ? value : value.slice(0, Math.max(value.indexOf('/'), 0));

const accountOfArn = (value: string, operator: string) => {
  const parts = value.split(':');
  // With StringLike, a wildcard also matches colons, so it can reach the account.
  const mayMove = operator.includes('string') && /[*?]/.test(parts.slice(0, 4).join(''));
  return value === UNKNOWN ? value : mayMove ? '' : parts[4] ?? '';
};

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
const KEYS = new Map<string, (value: string, operator: string) => string>([
  ['aws:principalorgid', whole],
  ['aws:principalorgpaths', organizationOfPath],
  ['aws:principalaccount', whole],
  ['aws:principalarn', accountOfArn],
  ['aws:sourceorgid', whole],
  ['aws:sourceorgpaths', organizationOfPath],
  ['aws:sourceaccount', whole],
  ['aws:sourcearn', accountOfArn],
  ['aws:sourcevpc', whole],
  ['aws:sourcevpce', whole],
  ['aws:vpceorgid', whole],
  ['aws:vpceorgpaths', organizationOfPath],
  ['aws:vpceaccount', whole],
]);

/** Whether the condition of a statement is true for specific organizations, accounts or endpoints only. Values that are unknown at synthesis pass. */
export function isPinned(conditions: unknown): boolean {
  return conditions === UNKNOWN || entries(conditions).some(([operator, block]) => OPERATORS.test(operator.toLowerCase())
    && (block === UNKNOWN || entries(block).some(([key, values]) => pins(key.toLowerCase(), values, operator.toLowerCase()))));
}

/** Whether every value is specific. For AWS, one matching value is enough. */
function pins(key: string, values: unknown, operator: string): boolean {
  const naming = KEYS.get(key);
  const texts = textsOf(values).map(text => text.replace(OWNER, UNKNOWN));
  return naming !== undefined && texts.length > 0 && texts.every(text => /^[^*?${}]+$/.test(naming(text, operator)));
}

function entries(value: unknown): Array<[string, unknown]> {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** One value of a policy or several, as texts. A branch of a condition can be a list in a list. */
export function textsOf(value: unknown): string[] {
  return value === undefined ? [] : [value].flat(Infinity).map(each => typeof each === 'object' ? UNKNOWN : String(each));
}
